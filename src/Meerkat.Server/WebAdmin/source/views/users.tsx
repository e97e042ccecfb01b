import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { count, madeUp } from '../format';
import { ask } from '../graphql';
import { useDomains } from '../places';
import { go, href } from '../router';
import { Badge, Button, Card, Dialog, Empty, Field, Heading, PasswordField, say, Select, Shown, Table, useAsk } from '../ui';

const page = 50;

interface Found {
    readonly users: readonly { jid: string; sessions: number }[];
    readonly hasMore: boolean;
    readonly total: number;
}

/** The accounts of a domain. */
export function Users(props: { query: URLSearchParams }): JSX.Element {
    const domains = useDomains();
    const domain = props.query.get('domain') ?? domains.data?.[0];
    return (
        <Shown asked={domains} what="The list of domains">{(all) => domain ? <List key={domain} domain={domain} domains={all} query={props.query} /> : <><Heading title="Users" /><Empty title="No domain is served" /></>}</Shown>
    );
}

function List(props: { domain: string; domains: readonly string[]; query: URLSearchParams }): JSX.Element {
    const { domain } = props;
    const prefix = props.query.get('q') ?? '';
    const index = Math.max(0, Number(props.query.get('from') ?? 0) || 0);
    const [typed, setTyped] = useState(prefix);
    const [creating, setCreating] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => typed !== prefix && go(['users'], { domain, q: typed }, true), 250);
        return () => clearTimeout(timer);
    }, [typed]);
    const asked = useAsk((signal) => ask<{ monitor: { searchUsers: Found } }>(
        'query ($domain: DomainName!, $prefix: String, $index: NonNegInt, $limit: PosInt) { monitor { searchUsers(domain: $domain, prefix: $prefix, index: $index, limit: $limit) { hasMore total users { jid sessions } } } }',
        { domain, prefix, index, limit: page }, signal), [domain, prefix, index]);
    return (
        <>
            <Heading title="Users" lead={asked.data ? `${count(asked.data.monitor.searchUsers.total)} ${asked.data.monitor.searchUsers.total === 1 ? 'account' : 'accounts'} on ${domain}` : domain} actions={<Button kind="primary" icon="plus" onClick={() => setCreating(true)}>New user</Button>} />
            <Card>
                <div class="filters">
                    <Field label="Search by the beginning of the name">{(id) => <input id={id} type="search" autocapitalize="none" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />}</Field>
                    {props.domains.length > 1 && <Select label="Domain" value={domain} options={props.domains} onChange={(next) => go(['users'], { domain: next })} />}
                </div>
                <Shown asked={asked} what="The list of users" rows={8}>{({ monitor: { searchUsers: found } }) => found.users.length === 0 ? (
                    prefix || index > 0 ? <Empty icon="search" title={index > 0 ? 'There are no more' : `No name begins with “${prefix}”`} /> : <Empty icon="users" title="There are no accounts yet">Make the first one with “New user”.</Empty>
                ) : (
                    <>
                        <Table label="Users" rows={found.users} keyOf={(one) => one.jid} columns={[
                            { title: 'Address', show: (one) => <a href={href(['users', one.jid])}>{one.jid}</a> },
                            { title: 'Sessions', show: (one) => (one.sessions > 0 ? <Badge kind="good">{one.sessions} online</Badge> : <Badge>offline</Badge>) },
                        ]} />
                        {(index > 0 || found.hasMore) && (
                            <nav class="pager" aria-label="Pages of users">
                                {index > 0 && <a class="button" href={href(['users'], { domain, q: prefix, from: index > page ? String(index - page) : undefined })}>Previous</a>}
                                <span>{count(index + 1)}–{count(index + found.users.length)}</span>
                                {found.hasMore && <a class="button" href={href(['users'], { domain, q: prefix, from: String(index + page) })}>Next</a>}
                            </nav>
                        )}
                    </>
                )}</Shown>
            </Card>
            {creating && <Create domain={domain} onClose={() => setCreating(false)} onDone={asked.reload} />}
        </>
    );
}

function Create(props: { domain: string; onClose: () => void; onDone: () => void }): JSX.Element {
    const [username, setUsername] = useState('');
    const [password, setPassword] = useState('');
    return (
        <Dialog title={`New user on ${props.domain}`} action="Create" onClose={props.onClose} onSubmit={async () => {
            const { account } = await ask<{ account: { registerUser: { jid: string } } }>(
                'mutation ($domain: DomainName!, $username: UserName!, $password: String!) { account { registerUser(domain: $domain, username: $username, password: $password) { jid } } }', { domain: props.domain, username, password });
            say(`${account.registerUser.jid} is there`);
            props.onDone();
        }}>
            <Field label="Name" hint={`The part before @${props.domain}`}>{(id, hint) => <input id={id} aria-describedby={hint} required autocomplete="off" autocapitalize="none" spellcheck={false} value={username} onInput={(event) => setUsername(event.currentTarget.value)} />}</Field>
            <PasswordField value={password} onChange={setPassword} makeUp={madeUp} />
        </Dialog>
    );
}
