using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>What a sender may do about a stanza error (RFC 6120 §8.3.2).</summary>
public enum StanzaErrorType
{
    /// <summary>Retry after providing credentials.</summary>
    Auth,

    /// <summary>Do not retry.</summary>
    Cancel,

    /// <summary>The condition was only a warning.</summary>
    Continue,

    /// <summary>Retry after changing the data.</summary>
    Modify,

    /// <summary>Retry after waiting.</summary>
    Wait,
}

/// <summary>A stanza error: condition, type, the legacy code of XEP-0086, and optionally a text and an application's own element.</summary>
/// <remarks>RFC 6120 §8.3; the types and codes are those of CORE-314 to CORE-331. Immutable.</remarks>
/// <param name="Condition">The defined condition, as the element's name on the wire.</param>
/// <param name="Type">What the sender may do.</param>
/// <param name="Code">Legacy error code (XEP-0086).</param>
/// <param name="Text">Explanation in English, or null.</param>
/// <param name="Application">Application-specific condition, or null.</param>
public sealed record StanzaError(string Condition, StanzaErrorType Type, int Code, string? Text = null, XmlElement? Application = null)
{
    /// <summary>CORE-314.</summary>
    public static StanzaError BadRequest(string? text = null) => new("bad-request", StanzaErrorType.Modify, 400, text);

    /// <summary>CORE-315.</summary>
    public static StanzaError Conflict(string? text = null) => new("conflict", StanzaErrorType.Cancel, 409, text);

    /// <summary>CORE-316.</summary>
    public static StanzaError FeatureNotImplemented(string? text = null) => new("feature-not-implemented", StanzaErrorType.Cancel, 501, text);

    /// <summary>CORE-317.</summary>
    public static StanzaError Forbidden(string? text = null) => new("forbidden", StanzaErrorType.Auth, 403, text);

    /// <summary>CORE-318.</summary>
    public static StanzaError InternalServerError(string? text = null) => new("internal-server-error", StanzaErrorType.Wait, 500, text);

    /// <summary>CORE-319.</summary>
    public static StanzaError ItemNotFound(string? text = null) => new("item-not-found", StanzaErrorType.Cancel, 404, text);

    /// <summary>CORE-320.</summary>
    public static StanzaError JidMalformed(string? text = null) => new("jid-malformed", StanzaErrorType.Modify, 400, text);

    /// <summary>CORE-321.</summary>
    public static StanzaError NotAcceptable(string? text = null) => new("not-acceptable", StanzaErrorType.Modify, 406, text);

    /// <summary>CORE-321, as privacy lists and blocking send it.</summary>
    public static StanzaError NotAcceptableCancel(string? text = null) => new("not-acceptable", StanzaErrorType.Cancel, 406, text);

    /// <summary>CORE-322.</summary>
    public static StanzaError NotAllowed(string? text = null) => new("not-allowed", StanzaErrorType.Cancel, 405, text);

    /// <summary>CORE-323.</summary>
    public static StanzaError NotAuthorized(string? text = null) => new("not-authorized", StanzaErrorType.Auth, 401, text);

    /// <summary>CORE-324.</summary>
    public static StanzaError RecipientUnavailable(string? text = null) => new("recipient-unavailable", StanzaErrorType.Wait, 404, text);

    /// <summary>CORE-325.</summary>
    public static StanzaError RegistrationRequired(string? text = null) => new("registration-required", StanzaErrorType.Auth, 407, text);

    /// <summary>CORE-325.</summary>
    public static StanzaError SubscriptionRequired(string? text = null) => new("subscription-required", StanzaErrorType.Auth, 407, text);

    /// <summary>CORE-326.</summary>
    public static StanzaError RemoteServerNotFound(string? text = null) => new("remote-server-not-found", StanzaErrorType.Cancel, 404, text);

    /// <summary>CORE-327.</summary>
    public static StanzaError RemoteServerTimeout(string? text = null) => new("remote-server-timeout", StanzaErrorType.Wait, 504, text);

    /// <summary>CORE-328.</summary>
    public static StanzaError ResourceConstraint(string? text = null) => new("resource-constraint", StanzaErrorType.Wait, 500, text);

    /// <summary>CORE-329.</summary>
    public static StanzaError ServiceUnavailable(string? text = null) => new("service-unavailable", StanzaErrorType.Cancel, 503, text);

    /// <summary>CORE-330.</summary>
    public static StanzaError UnexpectedRequest(string? text = null) => new("unexpected-request", StanzaErrorType.Wait, 400, text);

    /// <summary>CORE-330, the variant that cancels.</summary>
    public static StanzaError UnexpectedRequestCancel(string? text = null) => new("unexpected-request", StanzaErrorType.Cancel, 401, text);

    /// <summary>CORE-331: the entity has moved for good; the text is its new address.</summary>
    public static StanzaError Gone(string? text = null) => new("gone", StanzaErrorType.Modify, 302, text);

    /// <summary>CORE-331: the entity is for now elsewhere; the text is its address.</summary>
    public static StanzaError Redirect(string? text = null) => new("redirect", StanzaErrorType.Modify, 302, text);

    /// <summary>RFC 6120 §8.3.3.16: the sender broke a policy of the service.</summary>
    public static StanzaError PolicyViolation(string? text = null) => new("policy-violation", StanzaErrorType.Modify, 400, text);

    /// <summary>RFC 6120 §8.3.3.21: a condition that only the application-specific element tells.</summary>
    public static StanzaError Undefined(StanzaErrorType type, XmlElement application, string? text = null) =>
        new("undefined-condition", type, 500, text, application);

    /// <summary>The <c>&lt;error/&gt;</c> element in the namespace of the stanza that carries it.</summary>
    /// <param name="contentNamespace">Namespace of the stanza.</param>
    public XmlElement ToElement(string contentNamespace = Ns.Client)
    {
        var error = new XmlBuilder("error", contentNamespace)
            .Attribute("code", Code.ToString())
            .Attribute("type", TypeName(Type))
            .Start(Condition, Ns.StanzaErrors);
        if (Condition is "gone" or "redirect")
        {
            error.Text(Text);
        }

        error.End();
        if (Text is not null && Condition is not ("gone" or "redirect"))
        {
            error.Start("text", Ns.StanzaErrors).Lang("en").Text(Text).End();
        }

        if (Application is { } application)
        {
            error.Add(application);
        }

        return error.Build();
    }

    private static string TypeName(StanzaErrorType type) => type switch
    {
        StanzaErrorType.Auth => "auth",
        StanzaErrorType.Cancel => "cancel",
        StanzaErrorType.Continue => "continue",
        StanzaErrorType.Modify => "modify",
        _ => "wait",
    };
}
