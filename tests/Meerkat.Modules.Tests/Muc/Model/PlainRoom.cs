using Meerkat.Modules.Muc;

namespace Meerkat.Modules.Tests.Muc.Model;

/// <summary>What XEP-0045 makes of a room, as plainly as it can be said: one thing after another, and words for what each client hears of it. It shares no rule with the server.</summary>
internal sealed class PlainRoom
{
    private const int HistorySize = 20;

    private readonly SortedDictionary<string, Affiliation> _affiliations = new(StringComparer.Ordinal);
    private readonly List<Visitor> _visitors = [];
    private readonly List<string> _history = [];
    private string _subject = "";
    private bool _exists;
    private bool _isLocked;
    private bool _isMembersOnly;
    private bool _isModerated = true;
    private bool _isOpen; // everybody sees addresses
    private bool _isPersistent;

    private sealed record Visitor(string Nick, Client Client, Role Role, Affiliation Affiliation);

    /// <summary>Whether it may vanish when nobody asks for it: a temporary room that was made so while nobody was in it.</summary>
    public bool MayVanish => _exists && !_isPersistent && _visitors.Count == 0;

    /// <summary>All that can be asked of it.</summary>
    public override string ToString() => !_exists ? "no room"
        : $"locked={_isLocked} members={_isMembersOnly} moderated={_isModerated} open={_isOpen} persistent={_isPersistent} subject={_subject}; "
            + string.Join(", ", _affiliations.Select(entry => $"{entry.Key}={entry.Value.Word()}")) + "; "
            + string.Join(", ", _visitors.OrderBy(visitor => visitor.Nick, StringComparer.Ordinal).Select(visitor => $"{visitor.Nick}={visitor.Role.Word()} {visitor.Client}"));

    /// <summary>All that it is.</summary>
    public string Fingerprint => $"{this} {string.Join('|', _history)}";

    /// <summary>The room that nobody has made.</summary>
    public PlainRoom Vanished() => new();

    /// <summary>What may come of a command; more than one where an order is left open.</summary>
    public IEnumerable<(PlainRoom After, Heard Heard)> Apply(Command command)
    {
        // Several who are removed or changed at once: any order will do.
        var concerned = command.Kind switch
        {
            CommandKind.Affiliate => _visitors.Where(visitor => visitor.Client.User == command.User).ToArray(),
            CommandKind.Configure => _visitors.Where(visitor => visitor.Affiliation is Affiliation.None).ToArray(),
            _ => [],
        };
        foreach (var order in Orders(concerned))
        {
            yield return Apply(command, order, []);
        }

        // What is sent to a session that has just ended comes back as an error, perhaps before the room has heard of the end (the 333 of XEP-0045).
        if (command.Kind is CommandKind.Disconnect)
        {
            yield return Apply(command, [], [333]);
        }
    }

    private (PlainRoom After, Heard Heard) Apply(Command command, Visitor[] order, int[] ending)
    {
        var after = Copy();
        var heard = new Heard();
        after.Handle(command, heard, order, ending);
        return (after, heard);
    }

    private void Handle(Command command, Heard heard, Visitor[] order, int[] ending)
    {
        var by = command.By;
        var own = Of(by);
        var affiliation = AffiliationOf(by.User);
        if (!_exists)
        {
            switch (command.Kind)
            {
                case CommandKind.Join:
                    _exists = true;
                    _isLocked = true;
                    _affiliations[by.User] = Affiliation.Owner;
                    Enter(by, command.Nick, heard, [201]);
                    break;
                case CommandKind.Rename:
                    NotHere(command, heard);
                    break;
                case CommandKind.Leave or CommandKind.Disconnect:
                    break;
                default:
                    heard.Error(command, "item-not-found");
                    break;
            }

            return;
        }

        if (_isLocked && !(affiliation is Affiliation.Owner && command.Kind switch
            {
                CommandKind.Configure or CommandKind.Destroy => true,
                CommandKind.Join or CommandKind.Rename or CommandKind.Leave or CommandKind.Disconnect => own is not null,
                _ => false,
            }))
        {
            if (command.Kind is not (CommandKind.Leave or CommandKind.Disconnect))
            {
                heard.Error(command, "item-not-found");
            }

            return;
        }

        switch (command.Kind)
        {
            case CommandKind.Join when own is null:
                Join(command, affiliation, heard);
                break;
            case CommandKind.Join or CommandKind.Rename when own is null:
                NotHere(command, heard);
                break;
            case CommandKind.Join or CommandKind.Rename:
                Rename(command, own!, heard);
                break;
            case CommandKind.Leave or CommandKind.Disconnect:
                if (own is not null)
                {
                    Remove(own, heard, ending);
                }

                break;
            case CommandKind.Say or CommandKind.Subject:
                Say(command, own, heard);
                break;
            case CommandKind.GiveRole:
                GiveRole(command, own, affiliation, heard);
                break;
            case CommandKind.Affiliate:
                Affiliate(command, affiliation, order, heard);
                break;
            case CommandKind.Configure:
                Configure(command, affiliation, order, heard);
                break;
            case CommandKind.Destroy:
                Destroy(command, affiliation, heard);
                break;
        }
    }

    // §7.2
    private void Join(Command command, Affiliation affiliation, Heard heard)
    {
        var refusal = affiliation is Affiliation.Outcast ? "forbidden"
            : _isMembersOnly && affiliation is Affiliation.None ? "registration-required"
            : OfNick(command.Nick) is not null ? "conflict"
            : null;
        if (refusal is not null)
        {
            heard.Error(command, refusal);
            return;
        }

        Enter(command.By, command.Nick, heard, []);
    }

    private void Enter(Client client, string nick, Heard heard, int[] codes)
    {
        var affiliation = AffiliationOf(client.User);
        var visitor = new Visitor(nick, client, RoleOf(affiliation), affiliation);
        _visitors.Add(visitor);
        Welcome(visitor, heard, codes, tellsOthers: true);
    }

    // §7.2.2, §7.2.14, §7.2.15
    private void Welcome(Visitor visitor, Heard heard, int[] codes, bool tellsOthers)
    {
        heard.Add(visitor.Client, [.. Others(visitor).Select(other => Present(other, visitor))]);
        heard.Add(visitor.Client, Present(visitor, visitor, [110, .. codes, .. _isOpen ? (int[])[100] : []]));
        if (tellsOthers)
        {
            TellOthers(visitor, heard);
        }

        foreach (var said in _history)
        {
            heard.Add(visitor.Client, "~" + said);
        }

        if (!_history.Any(said => said.StartsWith('#')))
        {
            heard.Add(visitor.Client, _subject.Length == 0 ? "#:" : "~" + _subject);
        }
    }

    // §7.6; who says the same nick again has lost what he knew, or shows himself anew (§17.3)
    private void Rename(Command command, Visitor own, Heard heard)
    {
        var asksAll = command.Kind is CommandKind.Join;
        if (command.Nick == own.Nick)
        {
            if (asksAll)
            {
                Welcome(own, heard, [], tellsOthers: false);
                return;
            }

            TellOthers(own, heard);
            heard.Add(own.Client, Present(own, own, [110]));
            return;
        }

        if (OfNick(command.Nick) is not null)
        {
            heard.Error(command, "conflict");
            return;
        }

        var renamed = own with { Nick = command.Nick };
        _visitors[_visitors.IndexOf(own)] = renamed;
        foreach (var other in Others(renamed))
        {
            heard.Add(other.Client, Gone(own, other, [303], own.Role, command.Nick));
        }

        heard.Add(own.Client, Gone(own, own, [110, 303], own.Role, command.Nick));
        if (asksAll)
        {
            Welcome(renamed, heard, [], tellsOthers: true);
            return;
        }

        TellOthers(renamed, heard);
        heard.Add(own.Client, Present(renamed, renamed, [110]));
    }

    // §7.14, §8.2, §9.1
    private void Remove(Visitor visitor, Heard heard, int[] codes, Affiliation? shown = null)
    {
        _visitors.Remove(visitor);
        var gone = visitor with { Affiliation = shown ?? visitor.Affiliation };
        foreach (var other in _visitors)
        {
            heard.Add(other.Client, Gone(gone, other, codes, Role.None));
        }

        heard.Add(visitor.Client, Gone(gone, visitor, [110, .. codes], Role.None));
        if (_visitors.Count == 0 && (_isLocked || !_isPersistent))
        {
            End();
        }
    }

    // §7.4, §8.1
    private void Say(Command command, Visitor? own, Heard heard)
    {
        var isSubject = command.Kind is CommandKind.Subject;
        var refusal = own is null ? "not-acceptable"
            : own.Role is Role.Visitor && (_isModerated || isSubject) ? "forbidden"
            : null;
        if (refusal is not null)
        {
            heard.Error(command, refusal);
            return;
        }

        var said = $"{(isSubject ? "#" : "")}{own!.Nick}:{command.Id}";
        foreach (var visitor in _visitors)
        {
            heard.Add(visitor.Client, said);
        }

        _subject = isSubject ? said : _subject;
        _history.Add(said);
        if (_history.Count > HistorySize)
        {
            _history.RemoveAt(0);
        }
    }

    // §8.2 to §8.4, §9.6, §9.7
    private void GiveRole(Command command, Visitor? own, Affiliation affiliation, Heard heard)
    {
        if (OfNick(command.Nick) is not { } target)
        {
            heard.Error(command, "not-acceptable");
            return;
        }

        var isAdmin = affiliation >= Affiliation.Admin;
        var may = command.Role == target.Role
            || (target.Role is Role.Moderator ? isAdmin && target.Affiliation < Affiliation.Admin
            : isAdmin || (command.Role is not Role.Moderator && own?.Role is Role.Moderator));
        if (!may)
        {
            heard.Error(command, "not-allowed");
            return;
        }

        if (command.Role is Role.None)
        {
            Remove(target, heard, [307]);
        }
        else if (command.Role != target.Role)
        {
            Change(target, target.Affiliation, command.Role, heard);
        }

        heard.Result(command);
    }

    // §9.1 to §9.9, §10.3 to §10.8
    private void Affiliate(Command command, Affiliation by, Visitor[] order, Heard heard)
    {
        var (before, wanted) = (AffiliationOf(command.User), command.Affiliation);
        var refusal = before != wanted && by is not (Affiliation.Owner or Affiliation.Admin) ? "forbidden"
            : wanted is Affiliation.Outcast && command.User == command.By.User ? "conflict"
            : before != wanted && by is Affiliation.Admin && (before >= Affiliation.Admin || wanted >= Affiliation.Admin) ? "not-allowed"
            : before is Affiliation.Owner && wanted is not Affiliation.Owner && _affiliations.Count(entry => entry.Value is Affiliation.Owner) == 1 ? "conflict"
            : null;
        if (refusal is not null)
        {
            heard.Error(command, refusal);
            return;
        }

        if (before != wanted)
        {
            _affiliations.Remove(command.User);
            if (wanted is not Affiliation.None)
            {
                _affiliations[command.User] = wanted;
            }

            foreach (var visitor in order)
            {
                if (wanted is Affiliation.Outcast || (wanted is Affiliation.None && _isMembersOnly))
                {
                    Remove(visitor, heard, [wanted is Affiliation.Outcast ? 301 : 321], wanted);
                }
                else
                {
                    Change(visitor, wanted, wanted is Affiliation.None && before < Affiliation.Admin ? visitor.Role : RoleOf(wanted), heard);
                }
            }
        }

        heard.Result(command);
    }

    private void Change(Visitor visitor, Affiliation affiliation, Role role, Heard heard)
    {
        var changed = visitor with { Affiliation = affiliation, Role = role };
        _visitors[_visitors.IndexOf(visitor)] = changed;
        TellOthers(changed, heard);
        heard.Add(changed.Client, Present(changed, changed, [110]));
    }

    // §10.2
    private void Configure(Command command, Affiliation affiliation, Visitor[] strangers, Heard heard)
    {
        if (affiliation is not Affiliation.Owner)
        {
            heard.Error(command, "forbidden");
            return;
        }

        var (wasMembersOnly, wasOpen) = (_isMembersOnly, _isOpen);
        _isLocked = false;
        _isMembersOnly = command.MakesMembersOnly;
        _isModerated = command.MakesModerated;
        _isOpen = command.MakesOpen;
        _isPersistent = command.MakesPersistent;
        if (_isMembersOnly && !wasMembersOnly)
        {
            foreach (var stranger in strangers)
            {
                Remove(stranger, heard, [322]);
            }
        }

        if (_isOpen != wasOpen && _exists)
        {
            foreach (var visitor in _visitors)
            {
                heard.Add(visitor.Client, _isOpen ? "*172" : "*173");
            }
        }

        heard.Result(command);
    }

    // §10.9
    private void Destroy(Command command, Affiliation affiliation, Heard heard)
    {
        if (affiliation is not Affiliation.Owner)
        {
            heard.Error(command, "forbidden");
            return;
        }

        foreach (var visitor in _visitors)
        {
            heard.Add(visitor.Client, $"-{visitor.Nick} none none [] destroyed");
        }

        heard.Result(command);
        End();
    }

    // MUC-021
    private static void NotHere(Command command, Heard heard) => heard.Add(command.By, $"-{command.Nick} none none [110,307,333]");

    private void End()
    {
        _affiliations.Clear();
        _visitors.Clear();
        _history.Clear();
        _subject = "";
        (_exists, _isLocked, _isMembersOnly, _isModerated, _isOpen, _isPersistent) = (false, false, false, true, false, false);
    }

    private void TellOthers(Visitor visitor, Heard heard)
    {
        foreach (var other in Others(visitor))
        {
            heard.Add(other.Client, Present(visitor, other));
        }
    }

    private string Present(Visitor visitor, Visitor to, params int[] codes) => $"+{visitor.Nick} {visitor.Role.Word()} {visitor.Affiliation.Word()}{Address(visitor, to)} {Codes(codes)}";

    private string Gone(Visitor visitor, Visitor to, int[] codes, Role role, string? newNick = null) =>
        $"-{visitor.Nick} {role.Word()} {visitor.Affiliation.Word()}{Address(visitor, to)} {Codes(codes)}{(newNick is null ? "" : " " + newNick)}";

    private string Address(Visitor visitor, Visitor to) => _isOpen || to.Role is Role.Moderator ? " " + visitor.Client : "";

    private static string Codes(IEnumerable<int> codes) => $"[{string.Join(',', codes.Order())}]";

    private IEnumerable<Visitor> Others(Visitor visitor) => _visitors.Where(other => other.Nick != visitor.Nick);

    private Visitor? Of(Client client) => _visitors.Find(visitor => visitor.Client == client);

    private Visitor? OfNick(string nick) => _visitors.Find(visitor => visitor.Nick == nick);

    private Affiliation AffiliationOf(string user) => _affiliations.GetValueOrDefault(user, Affiliation.None);

    private static Role RoleOf(Affiliation affiliation) => affiliation >= Affiliation.Admin ? Role.Moderator : Role.Participant;

    private PlainRoom Copy()
    {
        var copy = new PlainRoom
        {
            _subject = _subject,
            _exists = _exists,
            _isLocked = _isLocked,
            _isMembersOnly = _isMembersOnly,
            _isModerated = _isModerated,
            _isOpen = _isOpen,
            _isPersistent = _isPersistent,
        };
        foreach (var (user, affiliation) in _affiliations)
        {
            copy._affiliations[user] = affiliation;
        }

        copy._visitors.AddRange(_visitors);
        copy._history.AddRange(_history);
        return copy;
    }

    private static IEnumerable<Visitor[]> Orders(Visitor[] all)
    {
        if (all.Length < 2)
        {
            yield return all;
            yield break;
        }

        foreach (var first in all)
        {
            foreach (var rest in Orders([.. all.Where(other => other != first)]))
            {
                yield return [first, .. rest];
            }
        }
    }
}

/// <summary>What each client hears of one command: groups in order, and in a group any order.</summary>
internal sealed class Heard
{
    public List<(Client To, string[] Words)> Groups { get; } = [];

    public void Add(Client to, params string[] words)
    {
        if (words.Length > 0)
        {
            Groups.Add((to, words));
        }
    }

    public void Error(Command command, string condition) => Add(command.By, $"!{command.Id} {condition}");

    public void Result(Command command) => Add(command.By, $"={command.Id}");
}
