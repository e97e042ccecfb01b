using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Xmpp.Sasl;

/// <summary>The names in a client's certificate that EXTERNAL looks at.</summary>
/// <param name="CommonName">The first common name of the subject (AUTH-099), or null.</param>
/// <param name="XmppAddresses">Every <c>id-on-xmppAddr</c> of the subject alternative name, as written, in order (RFC 6120 §13.7.1.4).</param>
public sealed record CertificateNames(string? CommonName, IReadOnlyList<string> XmppAddresses)
{
    private const string CommonNameOid = "2.5.4.3";
    private const string SubjectAltNameOid = "2.5.29.17";
    private const string XmppAddrOid = "1.3.6.1.5.5.7.8.5";
    private static readonly Asn1Tag ContextZero = new(TagClass.ContextSpecific, 0);

    /// <summary>Reads them. A part that is not what X.509 says it is counts as absent.</summary>
    public static CertificateNames Of(X509Certificate2 certificate)
    {
        var addresses = new List<string>();
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value is SubjectAltNameOid)
            {
                addresses.AddRange(ReadOrNone(extension.RawData, ReadXmppAddresses) ?? []);
            }
        }

        return new(ReadOrNone(certificate.SubjectName.RawData, ReadCommonName), addresses);
    }

    private static T? ReadOrNone<T>(byte[] der, Func<AsnReader, T?> read)
        where T : class
    {
        try
        {
            return read(new AsnReader(der, AsnEncodingRules.DER));
        }
        catch (AsnContentException)
        {
            return null; // the certificate was verified, but its issuer may still have written nonsense here
        }
    }

    /// <summary>RFC 5280 §4.2.1.6: <c>otherName [0] { type-id, value [0] EXPLICIT }</c>, other kinds passed over.</summary>
    private static List<string> ReadXmppAddresses(AsnReader extension)
    {
        var found = new List<string>();
        var names = extension.ReadSequence();
        extension.ThrowIfNotEmpty();
        while (names.HasData)
        {
            if (!names.PeekTag().HasSameClassAndValue(ContextZero))
            {
                names.ReadEncodedValue();
                continue;
            }

            var otherName = names.ReadSequence(ContextZero);
            if (otherName.ReadObjectIdentifier() is XmppAddrOid)
            {
                found.Add(otherName.ReadSequence(ContextZero).ReadCharacterString(UniversalTagNumber.UTF8String));
            }
        }

        return found;
    }

    /// <summary>RFC 5280 §4.1.2.4: a sequence of sets of (type, value).</summary>
    private static string? ReadCommonName(AsnReader subject)
    {
        var rdns = subject.ReadSequence();
        while (rdns.HasData)
        {
            var rdn = rdns.ReadSetOf();
            while (rdn.HasData)
            {
                var attribute = rdn.ReadSequence();
                if (attribute.ReadObjectIdentifier() is CommonNameOid)
                {
                    var tag = attribute.PeekTag();
                    return tag.TagClass is TagClass.Universal ? attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue) : null;
                }
            }
        }

        return null;
    }
}
