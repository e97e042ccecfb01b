using System.Text;
using Meerkat.Modules.Disco;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Caps;

/// <summary>What XEP-0390 hashes (§4.1). Its separators cannot stand in XML, so that different information never yields the same octets.</summary>
internal static class HashInput
{
    private const string End = "\u001f"; // of a string
    private const string EndOfGroup = "\u001e"; // of an identity, of a field
    private const string EndOfForm = "\u001d";
    private const string EndOfSection = "\u001c";

    /// <summary>The octets; null when a form is not one of XEP-0128.</summary>
    /// <param name="info">The information.</param>
    /// <param name="lang">The language that holds where an identity gives none; null for none.</param>
    public static byte[]? Make(DiscoInfo info, string? lang)
    {
        if (info.Forms.Any(form => form.Reported.Count > 0 || form.Items.Count > 0 || form[DataForm.FormTypeVar] is not { Type: DataFieldType.Hidden, Values.Count: 1 }))
        {
            return null;
        }

        var features = Section(info.Features.Select(feature => feature + End));
        var identities = Section(info.Identities.Select(identity =>
            identity.Category + End + identity.Type + End + (identity.Lang ?? lang) + End + identity.Name + End + EndOfGroup));
        var forms = Section(info.Forms.Select(form => Sorted(form.Fields.Select(field =>
            field.Var + End + Sorted(field.Values.Select(value => value + End)) + EndOfGroup)) + EndOfForm));
        return Encoding.UTF8.GetBytes(features + identities + forms);
    }

    private static string Section(IEnumerable<string> parts) => Sorted(parts) + EndOfSection;

    private static string Sorted(IEnumerable<string> parts) => string.Concat(parts.Order(Octets.Order));
}
