import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { duration, madeUp, when } from '../format';
import { ask, Refusal } from '../graphql';
import { Messages, type Stanza } from '../messages';
import { domainOf } from '../places';
import { go, href } from '../router';
import { Badge, Button, Card, Dialog, Empty, Facts, Failure, Field, Heading, PasswordField, say, Shown, Table, Tabs, useAsk } from '../ui';

type Asking = 'password' | 'ban' | 'remove' | 'kick' | null;

/** One account: its devices, roster and archive, and what can be done to it. */
export function UserView(props: { jid: string; tab: string }): JSX.Element {
    const { jid, tab } = props;
    const [asking, setAsking] = useState<Asking>(null);
    const [turn, setTurn] = useState(0);
    const again = () => setTurn((before) => before + 1);
    const there = useAsk((signal) => ask<{ account: { checkUser: { exist: boolean } } }>('query ($user: JID!) { account { checkUser(user: $user) { exist } } }', { user: jid }, signal), [jid, turn]);
    const close = () => setAsking(null);
    const back = { href: href(['users'], { domain: domainOf(jid) }), text: 'Users' };
    if (there.data && !there.data.account.checkUser.exist) {
        return <><Heading title={jid} back={back} /><Empty icon="users" title="There is no such account" /></>;
    }
    return (
        <>
            <Heading title={jid} back={back} actions={<>
                <Button onClick={() => setAsking('password')} icon="lock">Set password</Button>
                <Button onClick={() => setAsking('ban')}>Ban</Button>
                <Button kind="danger" onClick={() => setAsking('remove')}>Delete</Button>
            </>} />
            {there.error && <Failure error={there.error} retry={there.reload} />}
            <Tabs label={`Of ${jid}`} current={tab} tabs={[['devices', 'Devices', href(['users', jid, 'devices'])], ['roster', 'Roster', href(['users', jid, 'roster'])], ['archive', 'Archive', href(['users', jid, 'archive'])]]} />
            {tab === 'roster' ? <Roster jid={jid} /> : tab === 'archive' ? <Archive jid={jid} /> : <Devices jid={jid} turn={turn} onKickAll={() => setAsking('kick')} />}
            {asking === 'password' && <SetPassword jid={jid} onClose={close} />}
            {asking === 'ban' && <Ban jid={jid} onClose={close} onDone={again} />}
            {asking === 'kick' && (
                <Dialog title={`End all sessions of ${jid}?`} action="End all" danger onClose={close} onSubmit={async () => {
                    const { session } = await ask<{ session: { kickUser: unknown[] } }>('mutation ($user: BareJID!) { session { kickUser(user: $user) { jid kicked } } }', { user: jid });
                    say(`${session.kickUser.length} ended`);
                    again();
                }}><p>Clients that connect again by themselves will be back in a moment.</p></Dialog>
            )}
            {asking === 'remove' && (
                <Dialog title={`Delete ${jid}?`} action="Delete" danger onClose={close} onSubmit={async () => {
                    await ask('mutation ($user: JID!) { account { removeUser(user: $user) { jid } } }', { user: jid });
                    say(`${jid} is deleted`);
                    go(['users'], { domain: domainOf(jid) });
                }}><p>Its roster, archive and all other data go with it. This cannot be undone.</p></Dialog>
            )}
        </>
    );
}

function SetPassword(props: { jid: string; onClose: () => void }): JSX.Element {
    const [password, setPassword] = useState('');
    return (
        <Dialog title={`Password of ${props.jid}`} action="Set password" onClose={props.onClose} onSubmit={async () => {
            await ask('mutation ($user: JID!, $password: String!) { account { changeUserPassword(user: $user, newPassword: $password) { jid } } }', { user: props.jid, password });
            say(`${props.jid} has a new password`);
        }}>
            <p>Lets in again somebody who was banned, too.</p>
            <PasswordField value={password} onChange={setPassword} makeUp={madeUp} />
        </Dialog>
    );
}

function Ban(props: { jid: string; onClose: () => void; onDone: () => void }): JSX.Element {
    const [reason, setReason] = useState('');
    return (
        <Dialog title={`Ban ${props.jid}?`} action="Ban" danger onClose={props.onClose} onSubmit={async () => {
            await ask('mutation ($user: JID!, $reason: String!) { account { banUser(user: $user, reason: $reason) { jid } } }', { user: props.jid, reason });
            say(`${props.jid} is banned`);
            props.onDone();
        }}>
            <p>Its sessions end, and its password becomes one that nobody knows. Nothing is deleted: set a new password to let it in again.</p>
            <Field label="Reason" hint="Its clients are told.">{(id, hint) => <input id={id} aria-describedby={hint} required value={reason} onInput={(event) => setReason(event.currentTarget.value)} />}</Field>
        </Dialog>
    );
}

interface Device {
    readonly jid: string;
    readonly transport: string | null;
    readonly isEncrypted: boolean;
    readonly ip: string | null;
    readonly mechanism: string | null;
    readonly since: string;
    readonly idle: number;
    readonly show: string;
    readonly status: string | null;
    readonly priority: number | null;
    readonly isResumable: boolean;
    readonly unacknowledged: number;
    readonly queued: number;
}

const shows: Record<string, readonly ['good' | 'warning' | 'danger' | 'neutral', string]> = {
    available: ['good', 'available'], chat: ['good', 'wants to chat'], away: ['warning', 'away'], xa: ['warning', 'away for long'], dnd: ['danger', 'do not disturb'], unavailable: ['neutral', 'no presence'],
};

export function Show(props: { show: string }): JSX.Element {
    const [kind, text] = shows[props.show] ?? ['neutral', props.show];
    return <Badge kind={kind}>{text}</Badge>;
}

function Devices(props: { jid: string; turn: number; onKickAll: () => void }): JSX.Element {
    const [kicking, setKicking] = useState<string | null>(null);
    const asked = useAsk((signal) => ask<{ monitor: { listDevices: Device[] } }>(
        'query ($user: JID!) { monitor { listDevices(user: $user) { jid transport isEncrypted ip mechanism since idle show status priority isResumable unacknowledged queued } } }', { user: props.jid }, signal), [props.jid, props.turn], 5000);
    return (
        <>
            <Shown asked={asked} what="The list of devices">{({ monitor: { listDevices: found } }) => found.length === 0 ? <Card><Empty icon="device" title="No device is connected">It may have messages that wait for it.</Empty></Card> : (
                <>
                    {found.length > 1 && <div class="actions above"><Button kind="danger" onClick={props.onKickAll}>End all sessions</Button></div>}
                    <div class="cards">
                        {found.map((one) => (
                            <Card key={one.jid} title={one.jid.slice(one.jid.indexOf('/') + 1)} actions={<Show show={one.show} />}>
                                {one.status && <p class="quote">{one.status}</p>}
                                <Facts facts={[
                                    ['Connection', one.transport ? <>{one.transport}{' '}{one.isEncrypted ? <Badge kind="good">encrypted</Badge> : <Badge kind="warning">not encrypted</Badge>}</> : 'lost, waiting for resumption'],
                                    one.ip !== null && ['Address', one.ip],
                                    one.mechanism !== null && ['Log-in', one.mechanism],
                                    ['Since', when(one.since)],
                                    ['Idle for', duration(one.idle)],
                                    ['Priority', one.priority ?? '–'],
                                    ['Can be resumed', one.isResumable ? `yes, ${one.unacknowledged} to be acknowledged` : 'no'],
                                    one.queued > 0 && ['Waiting to be sent', one.queued],
                                ]} />
                                <div class="actions"><Button onClick={() => setKicking(one.jid)}>End session</Button></div>
                            </Card>
                        ))}
                    </div>
                </>
            )}</Shown>
            {kicking && <Kick jid={kicking} onClose={() => setKicking(null)} onDone={asked.reload} />}
        </>
    );
}

export function Kick(props: { jid: string; onClose: () => void; onDone: () => void }): JSX.Element {
    const [reason, setReason] = useState('');
    return (
        <Dialog title="End this session?" action="End session" danger onClose={props.onClose} onSubmit={async () => {
            await ask('mutation ($user: FullJID!, $reason: String) { session { kickUserSession(user: $user, reason: $reason) { kicked } } }', { user: props.jid, reason: reason || null });
            say('The session is ended');
            props.onDone();
        }}>
            <p class="break">{props.jid}</p>
            <Field label="Reason" hint="Its client is told; may be left empty.">{(id, hint) => <input id={id} aria-describedby={hint} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />}</Field>
        </Dialog>
    );
}

interface Contact {
    readonly jid: string;
    readonly name: string | null;
    readonly groups: readonly string[] | null;
    readonly subscription: string;
    readonly ask: string;
}

const subscriptions: Record<string, string> = { NONE: 'neither sees the other', BOTH: 'each sees the other', FROM: 'is seen by the contact', TO: 'sees the contact' };

function Roster(props: { jid: string }): JSX.Element {
    const [adding, setAdding] = useState(false);
    const [removing, setRemoving] = useState<string | null>(null);
    const asked = useAsk((signal) => ask<{ roster: { listContacts: Contact[] } }>('query ($user: JID!) { roster { listContacts(user: $user) { jid name groups subscription ask } } }', { user: props.jid }, signal), [props.jid]);
    return (
        <Card title="Roster" actions={<Button icon="plus" onClick={() => setAdding(true)}>Add contact</Button>}>
            {asked.error instanceof Refusal && asked.error.code === 'deps_not_loaded' ? <Empty title="No rosters are kept on this domain" /> : (
                <Shown asked={asked} what="The roster">{({ roster: { listContacts: found } }) => found.length === 0 ? <Empty icon="users" title="The roster is empty" /> : (
                    <Table label="Contacts" rows={found} keyOf={(one) => one.jid} columns={[
                        { title: 'Contact', show: (one) => <>{one.name && <strong>{one.name}</strong>} <span class="break">{one.jid}</span></> },
                        { title: 'Groups', show: (one) => (one.groups ?? []).map((group) => <Badge key={group}>{group}</Badge>) },
                        { title: 'Subscription', show: (one) => <>{subscriptions[one.subscription]}{one.ask !== 'NONE' && <> <Badge kind="warning">{one.ask === 'IN' ? 'has asked' : 'asked'}</Badge></>}</> },
                        { title: '', show: (one) => <Button kind="quiet" onClick={() => setRemoving(one.jid)} label={`Remove ${one.jid}`}>Remove</Button> },
                    ]} />
                )}</Shown>
            )}
            {adding && <AddContact jid={props.jid} onClose={() => setAdding(false)} onDone={asked.reload} />}
            {removing && (
                <Dialog title="Remove this contact?" action="Remove" danger onClose={() => setRemoving(null)} onSubmit={async () => {
                    await ask('mutation ($user: JID!, $contact: JID!) { roster { deleteContact(user: $user, contact: $contact) } }', { user: props.jid, contact: removing });
                    say(`${removing} is removed`);
                    asked.reload();
                }}><p class="break">{removing}</p></Dialog>
            )}
        </Card>
    );
}

function AddContact(props: { jid: string; onClose: () => void; onDone: () => void }): JSX.Element {
    const [contact, setContact] = useState('');
    const [name, setName] = useState('');
    return (
        <Dialog title={`Add a contact to ${props.jid}`} action="Add" onClose={props.onClose} onSubmit={async () => {
            await ask('mutation ($user: JID!, $contact: JID!, $name: String) { roster { addContact(user: $user, contact: $contact, name: $name) } }', { user: props.jid, contact, name: name || null });
            say(`${contact} is added`);
            props.onDone();
        }}>
            <Field label="Address">{(id) => <input id={id} required autocapitalize="none" spellcheck={false} value={contact} onInput={(event) => setContact(event.currentTarget.value)} />}</Field>
            <Field label="Name" hint="As the roster shows it; may be left empty.">{(id, hint) => <input id={id} aria-describedby={hint} value={name} onInput={(event) => setName(event.currentTarget.value)} />}</Field>
        </Dialog>
    );
}

function Archive(props: { jid: string }): JSX.Element {
    const [partner, setPartner] = useState('');
    const [typed, setTyped] = useState('');
    useEffect(() => {
        const timer = setTimeout(() => setPartner(typed.trim()), 400);
        return () => clearTimeout(timer);
    }, [typed]);
    const load = async (before: string | null): Promise<Stanza[]> => {
        const { stanza } = await ask<{ stanza: { getLastMessages: { stanzas: Stanza[] } } }>(
            'query ($caller: JID!, $with: JID, $before: DateTime) { stanza { getLastMessages(caller: $caller, with: $with, before: $before, limit: 50) { stanzas { sender timestamp stanza_id stanza } } } }',
            { caller: props.jid, with: partner || null, before });
        return stanza.getLastMessages.stanzas;
    };
    return (
        <Card title="Archive">
            <div class="filters"><Field label="With" hint="An address; empty for everybody">{(id, hint) => <input id={id} aria-describedby={hint} type="search" autocapitalize="none" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />}</Field></div>
            <Messages key={partner} load={load} own={props.jid} none="No archive is kept on this domain" />
        </Card>
    );
}
