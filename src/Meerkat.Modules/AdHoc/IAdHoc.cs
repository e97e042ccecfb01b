using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.AdHoc;

/// <summary>What <c>mod_adhoc</c> offers to other modules (ADH-004).</summary>
public interface IAdHoc
{
    /// <summary>Adds a command of the domain. During <see cref="Core.Modules.IModule.Register"/> only.</summary>
    /// <exception cref="ArgumentException">The domain has a command of that node.</exception>
    void AddToServer(IAdHocCommand command);

    /// <summary>Adds a command of every account. During <see cref="Core.Modules.IModule.Register"/> only.</summary>
    /// <exception cref="ArgumentException">Accounts have a command of that node.</exception>
    void AddToAccounts(IAdHocCommand command);
}

/// <summary>A command (XEP-0050). Safe for concurrent use.</summary>
public interface IAdHocCommand
{
    /// <summary>The node by which it is called.</summary>
    string Node { get; }

    /// <summary>What people see.</summary>
    string Name { get; }

    /// <summary>Who may see and execute it; the others get <c>forbidden</c> (XEP-0050 §2.2).</summary>
    /// <param name="requester">Who asks.</param>
    /// <param name="entity">The domain or account asked.</param>
    bool IsFor(Jid requester, BareJid entity);

    /// <summary>One step of it.</summary>
    ValueTask<AdHocReply> RunAsync(AdHocRequest request, CancellationToken ct);
}

/// <summary>What a requester wants of a command (XEP-0050 §3.4).</summary>
public enum AdHocAction
{
    /// <summary><c>execute</c>: begin, or go on with the default; also when nothing is said.</summary>
    Execute,

    /// <summary><c>cancel</c>.</summary>
    Cancel,

    /// <summary><c>prev</c>: the step before.</summary>
    Previous,

    /// <summary><c>next</c>: the next step.</summary>
    Next,

    /// <summary><c>complete</c>: finish with what is there.</summary>
    Complete,
}

/// <summary>How far a command is (XEP-0050 §3.4).</summary>
public enum AdHocStatus
{
    /// <summary>It waits for the requester.</summary>
    Executing,

    /// <summary>It is done.</summary>
    Completed,

    /// <summary>It was given up.</summary>
    Canceled,
}

/// <summary>One step that a requester asks for.</summary>
/// <param name="From">Who asks.</param>
/// <param name="Entity">The domain or account asked.</param>
/// <param name="SessionId">The execution it belongs to: the requester's own, or made for it (ADH-003). Whoever keeps state by it keeps it by <paramref name="From"/> too.</param>
/// <param name="Action">What is wanted.</param>
/// <param name="Command">The whole element, with its form.</param>
public sealed record AdHocRequest(Jid From, BareJid Entity, string SessionId, AdHocAction Action, XmlElement Command);

/// <summary>What a command answers to one step.</summary>
/// <param name="Status">How far it is.</param>
/// <param name="Payload">Notes, a form, the actions that are possible now; in this order on the wire.</param>
public sealed record AdHocReply(AdHocStatus Status, params IReadOnlyList<XmlElement> Payload)
{
    /// <summary>The error that is sent in its place; null for none.</summary>
    public StanzaError? Failure { get; private init; }

    /// <summary>Done, with a word to the requester.</summary>
    /// <param name="info">Text of an <c>info</c> note.</param>
    public static AdHocReply Done(string info) => new(AdHocStatus.Completed, new XmlBuilder("note", Ns.Commands).Attribute("type", "info").Text(info).Build());

    /// <summary>The action makes no sense now (XEP-0050 §4.4, <c>bad-action</c>).</summary>
    public static AdHocReply BadAction() => Error(StanzaError.BadRequest() with { Application = new XmlBuilder("bad-action", Ns.Commands).Build() });

    /// <summary>A stanza error.</summary>
    public static AdHocReply Error(StanzaError error) => new(AdHocStatus.Canceled) { Failure = error };
}
