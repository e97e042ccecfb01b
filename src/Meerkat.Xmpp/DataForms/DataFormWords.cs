namespace Meerkat.Xmpp;

/// <summary>The words of XEP-0004 for its enumerations.</summary>
internal static class DataFormWords
{
    public static string Of(DataFormType type) => type switch
    {
        DataFormType.Form => "form",
        DataFormType.Submit => "submit",
        DataFormType.Cancel => "cancel",
        _ => "result",
    };

    public static DataFormType? FormType(string? word) => word switch
    {
        "form" => DataFormType.Form,
        "submit" => DataFormType.Submit,
        "cancel" => DataFormType.Cancel,
        "result" => DataFormType.Result,
        _ => null,
    };

    public static string Of(DataFieldType type) => type switch
    {
        DataFieldType.Boolean => "boolean",
        DataFieldType.Fixed => "fixed",
        DataFieldType.Hidden => "hidden",
        DataFieldType.JidMulti => "jid-multi",
        DataFieldType.JidSingle => "jid-single",
        DataFieldType.ListMulti => "list-multi",
        DataFieldType.ListSingle => "list-single",
        DataFieldType.TextMulti => "text-multi",
        DataFieldType.TextPrivate => "text-private",
        _ => "text-single",
    };

    /// <summary>Null when no type is written; an unknown one is <c>text-single</c> (§3.3).</summary>
    public static DataFieldType? FieldType(string? word) => word switch
    {
        null => null,
        "boolean" => DataFieldType.Boolean,
        "fixed" => DataFieldType.Fixed,
        "hidden" => DataFieldType.Hidden,
        "jid-multi" => DataFieldType.JidMulti,
        "jid-single" => DataFieldType.JidSingle,
        "list-multi" => DataFieldType.ListMulti,
        "list-single" => DataFieldType.ListSingle,
        "text-multi" => DataFieldType.TextMulti,
        "text-private" => DataFieldType.TextPrivate,
        _ => DataFieldType.TextSingle,
    };
}
