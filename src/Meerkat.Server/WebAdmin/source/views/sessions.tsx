import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { count, duration } from '../format';
import { ask } from '../graphql';
import { useDomains } from '../places';
import { go, href } from '../router';
import { Badge, Button, Card, Empty, Field, Heading, Select, Shown, Table, useAsk } from '../ui';
import { Kick } from './user';

const shown = 200;

interface Session {
    readonly user: string;
    readonly connection: string | null;
    readonly ip: string | null;
    readonly priority: number | null;
    readonly uptime: number;
}

/** Who is connected to a domain. */
export function Sessions(props: { query: URLSearchParams }): JSX.Element {
    const domains = useDomains();
    const domain = props.query.get('domain') ?? domains.data?.[0];
    return <Shown asked={domains} what="The list of domains">{(all) => domain ? <List key={domain} domain={domain} domains={all} /> : <><Heading title="Sessions" /><Empty title="No domain is served" /></>}</Shown>;
}

function List(props: { domain: string; domains: readonly string[] }): JSX.Element {
    const { domain } = props;
    const [filter, setFilter] = useState('');
    const [kicking, setKicking] = useState<string | null>(null);
    const asked = useAsk((signal) => ask<{ session: { listSessions: Session[] } }>('query ($domain: DomainName!) { session { listSessions(domain: $domain) { user connection ip priority uptime } } }', { domain }, signal), [domain], 10_000);
    return (
        <>
            <Heading title="Sessions" lead={asked.data ? `${count(asked.data.session.listSessions.length)} on ${domain}` : domain} />
            <Card>
                <div class="filters">
                    <Field label="Search by address">{(id) => <input id={id} type="search" autocapitalize="none" spellcheck={false} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />}</Field>
                    {props.domains.length > 1 && <Select label="Domain" value={domain} options={props.domains} onChange={(next) => go(['sessions'], { domain: next })} />}
                </div>
                <Shown asked={asked} what="The list of sessions">{({ session: { listSessions } }) => {
                    const found = listSessions.filter((one) => one.user.includes(filter.trim()) || (one.ip ?? '').includes(filter.trim()));
                    return found.length === 0 ? <Empty icon="sessions" title={filter ? 'No session has that in its address' : 'Nobody is connected'} /> : (
                        <>
                            <Table label="Sessions" rows={found.slice(0, shown)} keyOf={(one) => one.user} columns={[
                                { title: 'Account', show: (one) => <a href={href(['users', one.user.slice(0, one.user.indexOf('/'))])}>{one.user.slice(0, one.user.indexOf('/'))}</a> },
                                { title: 'Resource', show: (one) => <span class="break">{one.user.slice(one.user.indexOf('/') + 1)}</span> },
                                { title: 'Connection', show: (one) => (one.connection === 'tls' ? <Badge kind="good">encrypted</Badge> : one.connection ? <Badge kind="warning">not encrypted</Badge> : <Badge>none now</Badge>) },
                                { title: 'From', show: (one) => one.ip ?? '–' },
                                { title: 'For', show: (one) => duration(one.uptime), numeric: true },
                                { title: '', show: (one) => <Button kind="quiet" onClick={() => setKicking(one.user)} label={`End ${one.user}`}>End</Button> },
                            ]} />
                            {found.length > shown && <p class="hint">The first {shown} of {count(found.length)} are shown. Search to narrow them down.</p>}
                        </>
                    );
                }}</Shown>
            </Card>
            {kicking && <Kick jid={kicking} onClose={() => setKicking(null)} onDone={asked.reload} />}
        </>
    );
}
