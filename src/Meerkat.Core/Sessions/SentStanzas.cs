using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>What was written to a client since the last flush, by kind: counters are told once a flush.</summary>
internal struct SentStanzas
{
    /// <summary>Messages.</summary>
    public int Messages;

    /// <summary>Presences.</summary>
    public int Presences;

    /// <summary>IQs.</summary>
    public int Iqs;

    /// <summary>Whether there is nothing to tell.</summary>
    public readonly bool IsEmpty => (Messages | Presences | Iqs) == 0;

    /// <summary>Counts a stanza.</summary>
    public void Add(Stanza stanza)
    {
        switch (stanza)
        {
            case Message:
                Messages++;
                break;
            case Presence:
                Presences++;
                break;
            default:
                Iqs++;
                break;
        }

        if (stanza.IsError)
        {
            ServerMetrics.ErrorPassed(stanza.Kind, "out");
        }
    }
}
