using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Registration of nicks with the service (XEP-0077, MUC-015): a nick that is registered is nobody else's in any room.</summary>
internal static class NickRegistration
{
    /// <returns>The result or error.</returns>
    public static async ValueTask<Stanza> HandleAsync(IRoomStore store, Iq iq, XmlElement query, CancellationToken ct)
    {
        var (service, account) = (iq.To!.Bare, iq.From!.Bare);
        if (iq.Type is IqType.Get)
        {
            return Iq.Result(iq, Form(service, await store.NickOfAsync(service.Domain, account, ct)));
        }

        if (query.Child("remove") is not null)
        {
            await store.RegisterNickAsync(service.Domain, account, null, ct);
            return Iq.Result(iq, null);
        }

        if (query.Child("x", Ns.DataForms) is not { } x)
        {
            return Error(iq, StanzaError.BadRequest());
        }

        if (!DataForm.TryRead(x, out var form) || form.Type is not DataFormType.Submit)
        {
            return form?.Type is DataFormType.Cancel ? Iq.Result(iq, null) : Error(iq, StanzaError.BadRequest());
        }

        if (form["nick"] is null)
        {
            return Error(iq, StanzaError.BadRequest("The form has no field nick"));
        }

        // A nick is a resource: prepared, so that what looks the same is the same.
        if (form.ValueOf("nick") is not { Length: > 0 } nick || !FullJid.TryCreate(service, nick, out var prepared))
        {
            return Error(iq, StanzaError.NotAcceptable("You must fill in the field \"Nickname\" in the form"));
        }

        return await store.RegisterNickAsync(service.Domain, account, prepared.Resource, ct) ? Iq.Result(iq, null) : Error(iq, StanzaError.Conflict("That nickname is registered by another person"));
    }

    private static XmlElement Form(BareJid service, string? nick)
    {
        var query = new XmlBuilder("query", Ns.Register);
        if (nick is not null)
        {
            query.Element("registered");
        }

        return query.Element("instructions", "You need a client that supports x:data to register the nickname")
            .Add(new DataFormBuilder(DataFormType.Form).Title($"Nickname registration at {service}").Instructions("Enter the nickname that you want to register")
                .Ask("nick", DataFieldType.TextSingle, "Nickname", nick ?? "").Build().ToXml())
            .Build();
    }

    private static Stanza Error(Iq iq, StanzaError error) => StanzaReplies.ErrorFor(iq, error)!;
}
