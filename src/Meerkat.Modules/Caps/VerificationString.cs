using System.Text;
using Meerkat.Modules.Disco;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Caps;

/// <summary>What XEP-0115 hashes (§5).</summary>
/// <remarks>
/// The parts are joined by <c>&lt;</c>, so that different information could yield one string: a part that holds that character makes the
/// information ill-formed here, which no honest client notices and a poisoner of caches does.
/// </remarks>
internal static class VerificationString
{
    /// <summary>The string in UTF-8; null when the information is ill-formed (§5.4).</summary>
    public static byte[]? Make(DiscoInfo info)
    {
        var parts = new List<string>();
        foreach (var identity in info.Identities
            .OrderBy(identity => identity.Category, Octets.Order).ThenBy(identity => identity.Type, Octets.Order).ThenBy(identity => identity.Lang ?? "", Octets.Order))
        {
            parts.Add($"{identity.Category}/{identity.Type}/{identity.Lang}/{identity.Name}");
        }

        if (HasTwice(parts) || HasTwice(info.Features))
        {
            return null;
        }

        parts.AddRange(info.Features.Order(Octets.Order));

        // A form that does not say what it is counts for nothing.
        var forms = info.Forms.Where(form => form[DataForm.FormTypeVar] is { Type: DataFieldType.Hidden, Values.Count: > 0 }).ToArray();
        if (HasTwice(forms.Select(form => form.ValueOf(DataForm.FormTypeVar)!)) || forms.Any(form => form.ValuesOf(DataForm.FormTypeVar).Distinct().Count() > 1))
        {
            return null;
        }

        foreach (var form in forms.OrderBy(form => form.ValueOf(DataForm.FormTypeVar), Octets.Order))
        {
            parts.Add(form.ValueOf(DataForm.FormTypeVar)!);
            foreach (var field in form.Fields.Where(field => field.Var is not (null or DataForm.FormTypeVar)).OrderBy(field => field.Var, Octets.Order))
            {
                parts.Add(field.Var!);
                parts.AddRange(field.Values.Order(Octets.Order));
            }
        }

        return parts.Exists(part => part.Contains('<', StringComparison.Ordinal)) ? null : Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => part + "<")));
    }

    private static bool HasTwice(IEnumerable<string> values)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return values.Any(value => !seen.Add(value));
    }
}
