import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../format';
import { ask } from '../graphql';
import { services, useDomains, type HostedService } from '../places';
import { go, href } from '../router';
import { Badge, Button, Card, Empty, Field, Heading, Select, Shown, Table, useAsk } from '../ui';

const page = 50;

interface Room {
    readonly jid: string;
    readonly title: string | null;
    readonly users: number | null;
    readonly isPrivate: boolean | null;
}

interface Page {
    readonly rooms: readonly Room[];
    readonly count: number;
    readonly hasMore: boolean;
}

/** The rooms of a domain, by service. */
export function Rooms(props: { query: URLSearchParams }): JSX.Element {
    const domains = useDomains();
    const domain = props.query.get('domain') ?? domains.data?.[0];
    return <Shown asked={domains} what="The list of domains">{(all) => domain ? <Services key={domain} domain={domain} domains={all} query={props.query} /> : <><Heading title="Rooms" /><Empty title="No domain is served" /></>}</Shown>;
}

function Services(props: { domain: string; domains: readonly string[]; query: URLSearchParams }): JSX.Element {
    const { domain } = props;
    const asked = useAsk(async (signal) => (await services(domain, signal)).filter((one) => one.kind !== 'OTHER'), [domain]);
    return (
        <>
            <Heading title="Rooms" lead={domain} />
            {props.domains.length > 1 && <div class="filters outside"><Select label="Domain" value={domain} options={props.domains} onChange={(next) => go(['rooms'], { domain: next })} /></div>}
            <Shown asked={asked} what="The list of services">{(found) => {
                const service = found.find((one) => one.domain === props.query.get('service')) ?? found[0];
                return service ? <List key={service.domain} domain={domain} service={service} all={found} query={props.query} /> : (
                    <Card><Empty icon="rooms" title="There are no rooms on this domain">The modules mod_muc and mod_muc_light bring them.</Empty></Card>
                );
            }}</Shown>
        </>
    );
}

async function load(domain: string, service: HostedService, filter: string, index: number, after: string | null, signal: AbortSignal): Promise<Page> {
    if (service.kind === 'MUC') {
        const { muc } = await ask<{ muc: { listRooms: { rooms: { jid: string; title: string; private: boolean | null; usersNumber: number | null }[]; count: number } } }>(
            'query ($service: DomainName!, $from: JID!, $limit: PosInt, $index: NonNegInt) { muc { listRooms(mucDomain: $service, from: $from, limit: $limit, index: $index) { rooms { jid title private usersNumber } count } } }',
            { service: service.domain, from: `admin@${domain}`, limit: page, index }, signal);
        return { rooms: muc.listRooms.rooms.map((one) => ({ jid: one.jid, title: one.title, users: one.usersNumber, isPrivate: one.private })), count: muc.listRooms.count, hasMore: index + page < muc.listRooms.count };
    }
    const { muc_light } = await ask<{ muc_light: { listRooms: { rooms: { jid: string; name: string | null; usersNumber: number | null }[]; count: number; nextPage: boolean } } }>(
        'query ($service: DomainName!, $filter: String, $after: BareJID, $limit: PosInt) { muc_light { listRooms(mucDomain: $service, filter: $filter, after: $after, limit: $limit) { rooms { jid name usersNumber } count nextPage } } }',
        { service: service.domain, filter: filter || null, after, limit: page }, signal);
    return { rooms: muc_light.listRooms.rooms.map((one) => ({ jid: one.jid, title: one.name, users: one.usersNumber, isPrivate: null })), count: muc_light.listRooms.count, hasMore: muc_light.listRooms.nextPage };
}

function List(props: { domain: string; service: HostedService; all: readonly HostedService[]; query: URLSearchParams }): JSX.Element {
    const { domain, service } = props;
    const index = Math.max(0, Number(props.query.get('from') ?? 0) || 0);
    const after = props.query.get('after');
    const [filter, setFilter] = useState('');
    const [address, setAddress] = useState('');
    const isLight = service.kind === 'MUC_LIGHT';
    const asked = useAsk((signal) => load(domain, service, filter.trim(), index, after, signal), [service.domain, filter.trim(), index, after]);
    const to = (more: Record<string, string | undefined>) => href(['rooms'], { domain, service: service.domain, ...more });
    const open = (event: Event) => {
        event.preventDefault();
        go(['rooms', address.includes('@') ? address : `${address}@${service.domain}`], { kind: service.kind });
    };
    return (
        <Card title={service.domain}>
            {props.all.length > 1 && <nav class="tabs" aria-label="Services">{props.all.map((one) => <a key={one.domain} href={href(['rooms'], { domain, service: one.domain })} aria-current={one === service ? 'page' : undefined}>{one.kind === 'MUC' ? 'Rooms' : 'Light rooms'}</a>)}</nav>}
            <div class="filters">
                {isLight && <Field label="Search in name and address">{(id) => <input id={id} type="search" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />}</Field>}
                <form class="joined-form" onSubmit={open}>
                    <Field label="Open by address">{(id) => <div class="joined"><input id={id} required autocapitalize="none" spellcheck={false} value={address} onInput={(event) => setAddress(event.currentTarget.value)} /><Button type="submit">Open</Button></div>}</Field>
                </form>
            </div>
            <Shown asked={asked} what="The list of rooms">{(found) => found.rooms.length === 0 ? <Empty icon="rooms" title={filter ? 'No room has that in its name' : found.count > 0 ? 'All rooms here are hidden' : 'There are no rooms yet'}>{found.count > 0 && !filter ? 'Open one by its address.' : undefined}</Empty> : (
                <>
                    <Table label="Rooms" rows={found.rooms} keyOf={(one) => one.jid} columns={[
                        { title: 'Room', show: (one) => <><a class="break" href={href(['rooms', one.jid], { kind: service.kind })}>{one.title || one.jid}</a>{one.title && one.title !== one.jid && <small class="break">{one.jid}</small>}</> },
                        { title: isLight ? 'Members' : 'Occupants', show: (one) => (one.users === null ? '–' : count(one.users)), numeric: true },
                        { title: 'Listed', hidden: isLight, show: (one) => (one.isPrivate === null ? '–' : one.isPrivate ? <Badge kind="warning">hidden</Badge> : <Badge kind="good">public</Badge>) },
                    ]} />
                    <p class="hint">{count(found.count)} in all{!isLight && found.count > index + found.rooms.length && !found.hasMore ? '; hidden ones are not listed, open them by their address' : ''}.</p>
                    {(index > 0 || after || found.hasMore) && (
                        <nav class="pager" aria-label="Pages of rooms">
                            {(index > 0 || after) && <a class="button" href={to({})}>First page</a>}
                            {found.hasMore && <a class="button" href={isLight ? to({ after: found.rooms.at(-1)!.jid }) : to({ from: String(index + page) })}>Next</a>}
                        </nav>
                    )}
                </>
            )}</Shown>
        </Card>
    );
}
