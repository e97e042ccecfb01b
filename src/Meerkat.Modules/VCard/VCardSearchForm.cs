using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.VCard;

/// <summary>The forms of the directory search: to be filled in, filled in, and with what was found (VCD-004, VCD-005).</summary>
internal static class VCardSearchForm
{
    private const string Instructions = "Fill in one or more fields. A * at the end of a text finds everything that begins with it.";

    private static readonly (string Var, VCardField Field, string Label)[] Fields =
    [
        ("user", VCardField.User, "User"),
        ("fn", VCardField.FullName, "Full Name"),
        ("first", VCardField.Given, "Given Name"),
        ("middle", VCardField.Middle, "Middle Name"),
        ("last", VCardField.Family, "Family Name"),
        ("nick", VCardField.Nickname, "Nickname"),
        ("bday", VCardField.Birthday, "Birthday"),
        ("ctry", VCardField.Country, "Country"),
        ("locality", VCardField.Locality, "City"),
        ("email", VCardField.Email, "Email"),
        ("orgname", VCardField.OrganisationName, "Organization Name"),
        ("orgunit", VCardField.OrganisationUnit, "Organization Unit"),
    ];

    /// <summary>The payload of the answer to a get.</summary>
    public static XmlElement Empty()
    {
        var form = new DataFormBuilder(DataFormType.Form, Ns.Search).Title("Search users").Instructions(Instructions);
        foreach (var (var, _, label) in Fields)
        {
            form.Ask(var, DataFieldType.TextSingle, label);
        }

        return new XmlBuilder("query", Ns.Search).Element("instructions", Instructions).Add(form.Build().ToXml()).Build();
    }

    /// <summary>What a submitted form asks for; fields that are empty or unknown ask for nothing.</summary>
    public static IReadOnlyList<VCardCriterion> Read(DataForm form)
    {
        var criteria = new List<VCardCriterion>();
        foreach (var (var, field, _) in Fields)
        {
            var text = form.ValueOf(var)?.Trim() ?? "";
            if (text.Length > 0)
            {
                var isPrefix = text[^1] == '*';
                criteria.Add(new VCardCriterion(field, VCardIndex.Fold(isPrefix ? text[..^1] : text), isPrefix));
            }
        }

        return criteria;
    }

    /// <summary>A table of what was found.</summary>
    public static XmlElement Found(IEnumerable<VCardEntry> entries)
    {
        var form = new DataFormBuilder(DataFormType.Result, Ns.Search).Title("Search results").Column("jid", DataFieldType.JidSingle, "JID");
        foreach (var (var, _, label) in Fields[1..])
        {
            form.Column(var, DataFieldType.TextSingle, label);
        }

        foreach (var entry in entries)
        {
            form.Item([new DataField("jid", null, entry.Owner.ToString()), .. Fields[1..].Select(f => new DataField(f.Var, null, VCardIndex.Read(entry.VCard, f.Field)))]);
        }

        return form.Build().ToXml();
    }
}
