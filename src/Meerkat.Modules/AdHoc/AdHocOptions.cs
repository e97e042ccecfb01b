namespace Meerkat.Modules.AdHoc;

/// <summary>Options of <c>mod_adhoc</c>: a <c>[modules.mod_adhoc]</c> table.</summary>
public sealed record AdHocOptions
{
    /// <summary><c>report_commands_node</c>: whether the list of commands is among the items of servers and accounts (ADH-001). Default: false.</summary>
    public bool ReportCommandsNode { get; init; }
}
