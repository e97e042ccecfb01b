import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../graphql';
import { Messages, type Stanza } from '../messages';
import { domainOf } from '../places';
import { go, href } from '../router';
import { signedIn } from '../session';
import { Badge, Button, Card, Dialog, Empty, Facts, Field, Heading, say, Shown, Table, useAsk } from '../ui';

/** The domain that a service's subdomain belongs to, as far as the address tells. */
function parentOf(jid: string): string {
    return signedIn().domain ?? domainOf(jid).split('.').slice(1).join('.');
}

export function RoomView(props: { jid: string; kind: string }): JSX.Element {
    const { jid } = props;
    const isLight = props.kind === 'MUC_LIGHT';
    const [deleting, setDeleting] = useState(false);
    const back = href(['rooms'], { domain: parentOf(jid), service: domainOf(jid) });
    return (
        <>
            <Heading title={jid} lead={isLight ? 'Light room' : 'Room'} back={{ href: back, text: 'Rooms' }} actions={<Button kind="danger" onClick={() => setDeleting(true)}>Delete</Button>} />
            {isLight ? <LightRoom jid={jid} /> : <Room jid={jid} />}
            {deleting && <Delete jid={jid} isLight={isLight} onClose={() => setDeleting(false)} />}
        </>
    );
}

function Delete(props: { jid: string; isLight: boolean; onClose: () => void }): JSX.Element {
    const [reason, setReason] = useState('');
    return (
        <Dialog title={`Delete ${props.jid}?`} action="Delete" danger onClose={props.onClose} onSubmit={async () => {
            await (props.isLight
                ? ask('mutation ($room: BareJID!) { muc_light { deleteRoom(room: $room) } }', { room: props.jid })
                : ask('mutation ($room: BareJID!, $reason: String) { muc { deleteRoom(room: $room, reason: $reason) } }', { room: props.jid, reason: reason || null }));
            say(`${props.jid} is deleted`);
            go(['rooms'], { domain: parentOf(props.jid), service: domainOf(props.jid) });
        }}>
            <p>Everybody in it is sent out. This cannot be undone.</p>
            {!props.isLight && <Field label="Reason" hint="Occupants are told; may be left empty.">{(id, hint) => <input id={id} aria-describedby={hint} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />}</Field>}
        </Dialog>
    );
}

interface RoomConfig {
    readonly title: string;
    readonly description: string;
    readonly public: boolean;
    readonly persistent: boolean;
    readonly moderated: boolean;
    readonly membersOnly: boolean;
    readonly passwordProtected: boolean;
    readonly anonymous: boolean;
    readonly allowUserInvites: boolean;
    readonly maxUsers: number | null;
}

function yes(value: boolean): JSX.Element {
    return <Badge kind={value ? 'good' : 'neutral'}>{value ? 'yes' : 'no'}</Badge>;
}

function Room(props: { jid: string }): JSX.Element {
    const { jid } = props;
    const [kicking, setKicking] = useState<string | null>(null);
    const config = useAsk((signal) => ask<{ muc: { getRoomConfig: RoomConfig } }>(
        'query ($room: BareJID!) { muc { getRoomConfig(room: $room) { title description public persistent moderated membersOnly passwordProtected anonymous allowUserInvites maxUsers } } }', { room: jid }, signal), [jid]);
    const people = useAsk((signal) => ask<{ muc: { listRoomUsers: { jid: string | null; nick: string; role: string }[]; listRoomAffiliations: { jid: string; affiliation: string }[] } }>(
        'query ($room: BareJID!) { muc { listRoomUsers(room: $room) { jid nick role } listRoomAffiliations(room: $room) { jid affiliation } } }', { room: jid }, signal), [jid], 5000);
    const load = async (before: string | null): Promise<Stanza[]> => (await ask<{ muc: { getRoomMessages: { stanzas: Stanza[] } } }>(
        'query ($room: BareJID!, $before: DateTime) { muc { getRoomMessages(room: $room, pageSize: 50, before: $before) { stanzas { sender timestamp stanza_id stanza } } } }', { room: jid, before })).muc.getRoomMessages.stanzas;
    return (
        <>
            <div class="columns">
                <Card title="Configuration">
                    <Shown asked={config} what="The configuration">{({ muc: { getRoomConfig: found } }) => (
                        <Facts facts={[
                            ['Title', found.title || '–'], found.description !== '' && ['Description', found.description], ['Listed', yes(found.public)], ['Stays when empty', yes(found.persistent)], ['Moderated', yes(found.moderated)],
                            ['Members only', yes(found.membersOnly)], ['Asks for a password', yes(found.passwordProtected)], ['Hides real addresses', yes(found.anonymous)], ['Everybody may invite', yes(found.allowUserInvites)], ['Most occupants', found.maxUsers ?? 'no limit'],
                        ]} />
                    )}</Shown>
                </Card>
                <Card title="Occupants">
                    <Shown asked={people} what="The list of occupants">{({ muc: { listRoomUsers: found } }) => found.length === 0 ? <Empty icon="users" title="Nobody is in the room" /> : (
                        <Table label="Occupants" rows={found} keyOf={(one) => one.nick} columns={[
                            { title: 'Nick', show: (one) => <strong class="break">{one.nick}</strong> },
                            { title: 'Address', show: (one) => <span class="break">{one.jid ?? '–'}</span> },
                            { title: 'Role', show: (one) => one.role.toLowerCase() },
                            { title: '', show: (one) => <Button kind="quiet" onClick={() => setKicking(one.nick)} label={`Kick ${one.nick}`}>Kick</Button> },
                        ]} />
                    )}</Shown>
                </Card>
                <Card title="Affiliations">
                    <Shown asked={people} what="The list of affiliations">{({ muc: { listRoomAffiliations: found } }) => found.length === 0 ? <Empty title="Nobody has an affiliation" /> : (
                        <Table label="Affiliations" rows={found} keyOf={(one) => one.jid} columns={[{ title: 'Address', show: (one) => <span class="break">{one.jid}</span> }, { title: 'Affiliation', show: (one) => one.affiliation.toLowerCase() }]} />
                    )}</Shown>
                </Card>
            </div>
            <Card title="Messages"><Messages load={load} own="" none="No archive of rooms is kept on this domain" /></Card>
            {kicking && (
                <Dialog title={`Kick ${kicking}?`} action="Kick" danger onClose={() => setKicking(null)} onSubmit={async () => {
                    await ask('mutation ($room: BareJID!, $nick: String!) { muc { kickUser(room: $room, nick: $nick) } }', { room: jid, nick: kicking });
                    say(`${kicking} is sent out`);
                    people.reload();
                }}><p>It may come in again, unless the room keeps it out.</p></Dialog>
            )}
        </>
    );
}

function LightRoom(props: { jid: string }): JSX.Element {
    const { jid } = props;
    const [kicking, setKicking] = useState<string | null>(null);
    const asked = useAsk((signal) => ask<{ muc_light: { getRoomConfig: { name: string | null; subject: string | null; options: { key: string; value: string }[]; participants: { jid: string; affiliation: string }[] } } }>(
        'query ($room: BareJID!) { muc_light { getRoomConfig(room: $room) { name subject options { key value } participants { jid affiliation } } } }', { room: jid }, signal), [jid], 10_000);
    const load = async (before: string | null): Promise<Stanza[]> => (await ask<{ muc_light: { getRoomMessages: { stanzas: Stanza[] } } }>(
        'query ($room: BareJID!, $before: DateTime) { muc_light { getRoomMessages(room: $room, pageSize: 50, before: $before) { stanzas { sender timestamp stanza_id stanza } } } }', { room: jid, before })).muc_light.getRoomMessages.stanzas;
    return (
        <>
            <Shown asked={asked} what="The room">{({ muc_light: { getRoomConfig: found } }) => (
                <div class="columns">
                    <Card title="Configuration"><Facts facts={found.options.map((one) => [one.key, one.value || '–'] as const)} /></Card>
                    <Card title="Members">
                        {found.participants.length === 0 ? <Empty icon="users" title="Nobody is in the room" /> : (
                            <Table label="Members" rows={found.participants} keyOf={(one) => one.jid} columns={[
                                { title: 'Address', show: (one) => <span class="break">{one.jid}</span> },
                                { title: 'Affiliation', show: (one) => one.affiliation.toLowerCase() },
                                { title: '', show: (one) => <Button kind="quiet" onClick={() => setKicking(one.jid)} label={`Remove ${one.jid}`}>Remove</Button> },
                            ]} />
                        )}
                    </Card>
                </div>
            )}</Shown>
            <Card title="Messages"><Messages load={load} own="" none="No archive of rooms is kept on this domain" /></Card>
            {kicking && (
                <Dialog title="Take this member out?" action="Remove" danger onClose={() => setKicking(null)} onSubmit={async () => {
                    await ask('mutation ($room: BareJID!, $user: JID!) { muc_light { kickUser(room: $room, user: $user) } }', { room: jid, user: kicking });
                    say(`${kicking} is no longer in the room`);
                    asked.reload();
                }}><p class="break">{kicking}</p></Dialog>
            )}
        </>
    );
}
