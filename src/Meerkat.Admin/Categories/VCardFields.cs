using Meerkat.Admin.GraphQL;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary>A vCard as XML (XEP-0054) and as the fields of GraphQL (GQL, vCard mapping). Elements that have no field are dropped; the order of children is that of the table below.</summary>
internal static class VCardFields
{
    // Agents hold vCards that hold agents: a stranger's vCard does not decide how deep we go.
    private const int MaxAgents = 8;

    private static readonly (string Field, string Element)[] s_texts =
    [
        ("nickname", "NICKNAME"), ("birthday", "BDAY"), ("jabberId", "JABBERID"), ("mailer", "MAILER"), ("timeZone", "TZ"), ("title", "TITLE"), ("role", "ROLE"), ("note", "NOTE"),
        ("prodId", "PRODID"), ("rev", "REV"), ("sortString", "SORT-STRING"), ("uid", "UID"), ("url", "URL"), ("desc", "DESC"),
    ];

    private static readonly (string Field, string Element)[] s_name = [("family", "FAMILY"), ("givenName", "GIVEN"), ("middleName", "MIDDLE"), ("prefix", "PREFIX"), ("suffix", "SUFFIX")];

    private static readonly Dictionary<string, (string Element, (string Field, string Element)[] Texts, (string Field, string Element)? List, string Tags)> s_objects = new()
    {
        ["address"] = ("ADR", [("pobox", "POBOX"), ("extadd", "EXTADD"), ("street", "STREET"), ("locality", "LOCALITY"), ("region", "REGION"), ("pcode", "PCODE"), ("country", "CTRY")], null, "HOME WORK POSTAL PARCEL DOM PREF INTL"),
        ["label"] = ("LABEL", [], ("line", "LINE"), "HOME WORK POSTAL PARCEL DOM PREF INTL"),
        ["telephone"] = ("TEL", [("number", "NUMBER")], null, "HOME WORK VOICE FAX PAGER MSG CELL VIDEO BBS MODEM ISDN PCS PREF"),
        ["email"] = ("EMAIL", [("userId", "USERID")], null, "HOME WORK INTERNET PREF X400"),
        ["geo"] = ("GEO", [("lat", "LAT"), ("lon", "LON")], null, ""),
        ["org"] = ("ORG", [("orgname", "ORGNAME")], ("orgunit", "ORGUNIT"), ""),
        ["categories"] = ("CATEGORIES", [], ("keyword", "KEYWORD"), ""),
        ["class"] = ("CLASS", [], null, "PUBLIC PRIVATE CONFIDENTIAL"),
        ["key"] = ("KEY", [("type", "TYPE"), ("credential", "CRED")], null, ""),
    };

    /// <summary>The fields of a vCard.</summary>
    public static ResultFields Read(XmlElement vcard) => Read(vcard, MaxAgents);

    /// <summary>The vCard of fields that the schema has checked.</summary>
    public static XmlElement Write(IDictionary<string, object?> fields)
    {
        var builder = new XmlBuilder("vCard", Ns.VCard);
        WriteInto(builder, fields);
        return builder.Build();
    }

    private static ResultFields Read(XmlElement vcard, int agents)
    {
        var fields = new ResultFields { ["formattedName"] = vcard.ChildText("FN"), ["nameComponents"] = vcard.Child("N") is { } name ? Texts(name, s_name) : null };
        foreach (var (field, element) in s_texts)
        {
            fields[field] = Listed([.. All(vcard, element).Concat(field == "sortString" ? All(vcard, "SOR") : []).Select(child => child.Text)]);
        }

        foreach (var (field, shape) in s_objects)
        {
            fields[field] = Listed([.. All(vcard, shape.Element).Select(child =>
            {
                var read = Texts(child, shape.Texts);
                if (shape.List is { } list)
                {
                    read[list.Field] = All(child, list.Element).Select(item => item.Text).ToList();
                }

                if (shape.Tags.Length > 0)
                {
                    read["tags"] = shape.Tags.Split(' ').Where(tag => child.Child(tag) is not null).ToList();
                }

                return read;
            })]);
        }

        fields["photo"] = Listed([.. All(vcard, "PHOTO").Select(Image)]);
        fields["logo"] = Listed([.. All(vcard, "LOGO").Select(Image)]);
        fields["sound"] = Listed([.. All(vcard, "SOUND").Select(sound =>
            sound.ChildText("PHONETIC") is { } phonetic ? new ResultFields("Phonetic") { ["phonetic"] = phonetic }
            : sound.ChildText("BINVAL") is { } bytes ? new ResultFields("BinValue") { ["binValue"] = bytes }
            : External(sound))]);
        fields["agent"] = agents == 0 ? null : Listed([.. All(vcard, "AGENT").Select(agent =>
            agent.Child("vCard") is { } inner ? new ResultFields("AgentVcard") { ["vcard"] = Read(inner, agents - 1) } : External(agent))]);
        return fields;
    }

    private static ResultFields Image(XmlElement image) =>
        image.ChildText("EXTVAL") is not null ? External(image) : new ResultFields("ImageData") { ["type"] = image.ChildText("TYPE"), ["binValue"] = image.ChildText("BINVAL") };

    private static ResultFields External(XmlElement element) => new("External") { ["extValue"] = element.ChildText("EXTVAL") };

    private static ResultFields Texts(XmlElement element, (string Field, string Element)[] texts)
    {
        var fields = new ResultFields();
        foreach (var (field, name) in texts)
        {
            fields[field] = element.ChildText(name);
        }

        return fields;
    }

    private static IEnumerable<XmlElement> All(XmlElement parent, string name) => parent.Children.ToArray().Where(child => child.Is(name, Ns.VCard));

    private static List<T>? Listed<T>(List<T> items) => items.Count == 0 ? null : items;

    private static void WriteInto(XmlBuilder builder, IDictionary<string, object?> fields)
    {
        builder.Element("FN", (string?)fields["formattedName"]);
        builder.Start("N");
        WriteTexts(builder, (IDictionary<string, object?>)fields["nameComponents"]!, s_name);
        builder.End();
        foreach (var (field, element) in s_texts)
        {
            foreach (var text in Items<string>(fields, field))
            {
                builder.Element(element, text);
            }
        }

        foreach (var (field, shape) in s_objects)
        {
            foreach (var item in Items<IDictionary<string, object?>>(fields, field))
            {
                builder.Start(shape.Element);
                foreach (var tag in Items<string>(item, "tags"))
                {
                    builder.Element(tag);
                }

                WriteTexts(builder, item, shape.Texts);
                foreach (var text in shape.List is { } list ? Items<string>(item, list.Field) : [])
                {
                    builder.Element(shape.List!.Value.Element, text);
                }

                builder.End();
            }
        }

        WriteMedia(builder, fields, "photo", "PHOTO");
        WriteMedia(builder, fields, "logo", "LOGO");
        WriteMedia(builder, fields, "sound", "SOUND");
        foreach (var agent in Items<IDictionary<string, object?>>(fields, "agent"))
        {
            builder.Start("AGENT");
            if (agent.TryGetValue("vcard", out var inner) && inner is IDictionary<string, object?> vcard)
            {
                builder.Start("vCard");
                WriteInto(builder, vcard);
                builder.End();
            }
            else
            {
                WriteTexts(builder, agent, [("extValue", "EXTVAL")]);
            }

            builder.End();
        }
    }

    private static void WriteMedia(XmlBuilder builder, IDictionary<string, object?> fields, string field, string element)
    {
        foreach (var item in Items<IDictionary<string, object?>>(fields, field))
        {
            builder.Start(element);
            WriteTexts(builder, item, [("phonetic", "PHONETIC"), ("type", "TYPE"), ("binValue", "BINVAL"), ("extValue", "EXTVAL")]);
            builder.End();
        }
    }

    private static void WriteTexts(XmlBuilder builder, IDictionary<string, object?> fields, (string Field, string Element)[] texts)
    {
        foreach (var (field, element) in texts)
        {
            if (fields.TryGetValue(field, out var text) && text is not null)
            {
                builder.Element(element, (string)text);
            }
        }
    }

    private static IEnumerable<T> Items<T>(IDictionary<string, object?> fields, string field) =>
        fields.TryGetValue(field, out var list) && list is System.Collections.IEnumerable items ? items.Cast<T>() : [];
}
