using Meerkat.Xmpp;

namespace Meerkat.Admin.GraphQL.Scalars;

/// <summary><c>JID</c>: the address of an account or of one of its resources; a <see cref="Jid"/>.</summary>
internal class JidScalar(string name = "JID") : TextScalar(name)
{
    /// <inheritdoc/>
    protected override object Read(string text) =>
        !Jid.TryParse(text, out var jid) ? throw new ScalarException("failed_to_parse_jid")
        : jid.Local is null ? throw new ScalarException("jid_without_local_part")
        : jid;
}

/// <summary><c>BareJID</c>: an address without a resource; a <see cref="BareJid"/>.</summary>
internal sealed class BareJidScalar() : JidScalar("BareJID")
{
    /// <inheritdoc/>
    protected override object Read(string text) => base.Read(text) as BareJid ?? throw new ScalarException("jid_with_resource");

    /// <inheritdoc/>
    protected override object? Write(object value) => value is Jid jid ? jid.Bare.ToString() : value.ToString();
}

/// <summary><c>FullJID</c>: an address with a resource; a <see cref="FullJid"/>.</summary>
internal sealed class FullJidScalar() : JidScalar("FullJID")
{
    /// <inheritdoc/>
    protected override object Read(string text) => base.Read(text) as FullJid ?? throw new ScalarException("jid_without_resource");
}

/// <summary><c>UserName</c> and <c>RoomName</c>: a localpart, prepared by nodeprep; a string.</summary>
internal sealed class LocalpartScalar(string name, string word) : TextScalar(name)
{
    /// <inheritdoc/>
    protected override object Read(string text) =>
        text.Length == 0 ? throw new ScalarException($"empty_{word}")
        : BareJid.TryCreate(text, "localhost", out var jid) ? jid.Local!
        : throw new ScalarException($"failed_to_parse_{word}");
}

/// <summary><c>DomainName</c>: a domain, prepared by nameprep; a string.</summary>
internal sealed class DomainNameScalar() : TextScalar("DomainName")
{
    /// <inheritdoc/>
    protected override object Read(string text) =>
        text.Length == 0 ? throw new ScalarException("empty_domain_name")
        : BareJid.TryCreate(null, text, out var jid) ? jid.Domain
        : throw new ScalarException("failed_to_parse_domain_name");
}

/// <summary><c>ResourceName</c>: a resource, prepared by resourceprep; a string.</summary>
internal sealed class ResourceNameScalar() : TextScalar("ResourceName")
{
    /// <inheritdoc/>
    protected override object Read(string text) =>
        text.Length == 0 ? throw new ScalarException("empty_resource_name")
        : Stringprep.TryResourceprep(text, out var prepared) && prepared.Length > 0 ? prepared
        : throw new ScalarException("failed_to_parse_resource_name");
}
