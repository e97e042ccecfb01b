import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Chart } from '../chart';
import { count, madeUp } from '../format';
import { ask } from '../graphql';
import { services, type HostedService } from '../places';
import { go, href } from '../router';
import { signedIn } from '../session';
import { Badge, Button, Card, Dialog, Empty, Facts, Field, Heading, PasswordField, say, Select, Shown, Table, useAsk } from '../ui';
import { Tile } from './dashboard';

interface Domain {
    readonly domain: string;
    readonly hostType: string;
    readonly status: string;
    readonly type: string;
}

interface Counts {
    readonly registered: number;
    readonly online: number;
    readonly sessions: number;
}

async function counts(domain: string, signal: AbortSignal): Promise<Counts> {
    const { stat, session } = await ask<{ stat: { domainStats: { registeredUsers: number; onlineUsers: number } }; session: { countSessions: number } }>(
        'query ($domain: DomainName!) { stat { domainStats(domain: $domain) { registeredUsers onlineUsers } } session { countSessions(domain: $domain) } }', { domain }, signal);
    return { registered: stat.domainStats.registeredUsers, online: stat.domainStats.onlineUsers, sessions: session.countSessions };
}

function Status(props: { status: string }): JSX.Element {
    return <Badge kind={props.status === 'ENABLED' ? 'good' : 'warning'}>{props.status.toLowerCase()}</Badge>;
}

/** All domains of the server. */
export function Domains(): JSX.Element {
    const [filter, setFilter] = useState('');
    const [creating, setCreating] = useState(false);
    const asked = useAsk((signal) => ask<{ domain: { allDomains: Domain[] }; server: { hostTypes: { name: string }[] } }>('{ domain { allDomains { domain hostType status type } } server { hostTypes { name } } }', {}, signal), []);
    const hostTypes = asked.data ? addable(asked.data.domain.allDomains, asked.data.server.hostTypes) : [];
    return (
        <>
            <Heading title="Domains" lead="What this server serves" actions={hostTypes.length > 0 && <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>New domain</Button>} />
            <Card>
                <div class="filters">
                    <div class="field grow"><label for="domain-filter">Search</label><input id="domain-filter" type="search" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} /></div>
                </div>
                <Shown asked={asked} what="The list of domains">{({ domain: { allDomains } }) => {
                    const found = allDomains.filter((one) => one.domain.includes(filter.trim().toLowerCase()));
                    return found.length === 0 ? <Empty icon="search" title="No domain has that in its name" /> : (
                        <Table label="Domains" rows={found.slice(0, 500)} keyOf={(one) => one.domain} columns={[
                            { title: 'Domain', show: (one) => <a href={href(['domains', one.domain])}>{one.domain}</a> },
                            { title: 'Host type', show: (one) => one.hostType },
                            { title: 'Status', show: (one) => <Status status={one.status} /> },
                            { title: 'From', show: (one) => (one.type === 'STATIC' ? 'the configuration' : 'the database') },
                        ]} />
                    );
                }}</Shown>
            </Card>
            {creating && <Create hostTypes={hostTypes} onClose={() => setCreating(false)} onDone={asked.reload} />}
        </>
    );
}

/** Host types that domains can be added to: those of the configuration's own domains are theirs alone. */
function addable(domains: readonly Domain[], hostTypes: readonly { name: string }[]): string[] {
    const taken = new Set(domains.filter((one) => one.type === 'STATIC').map((one) => one.hostType));
    return hostTypes.map((one) => one.name).filter((name) => !taken.has(name));
}

function Create(props: { hostTypes: readonly string[]; onClose: () => void; onDone: () => void }): JSX.Element {
    const [domain, setDomain] = useState('');
    const [hostType, setHostType] = useState(props.hostTypes[0]!);
    return (
        <Dialog title="New domain" action="Add" onClose={props.onClose} onSubmit={async () => {
            const { domain: added } = await ask<{ domain: { addDomain: { domain: string } } }>(
                'mutation ($domain: DomainName!, $hostType: String!) { domain { addDomain(domain: $domain, hostType: $hostType) { domain } } }', { domain, hostType });
            say(`${added.addDomain.domain} is served`);
            props.onDone();
        }}>
            <Field label="Domain" hint="It is served at once; other servers on the same database follow when they look the next time.">{(id, hint) => <input id={id} aria-describedby={hint} required autocomplete="off" autocapitalize="none" spellcheck={false} value={domain} onInput={(event) => setDomain(event.currentTarget.value)} />}</Field>
            <Select label="Host type" value={hostType} options={props.hostTypes} onChange={setHostType} />
        </Dialog>
    );
}

/** One domain: how many are there, what it serves, who administers it. */
export function DomainView(props: { domain: string }): JSX.Element {
    const { domain } = props;
    const { isGlobal } = signedIn();
    const [setting, setSetting] = useState<'set' | 'remove' | null>(null);
    const [changing, setChanging] = useState<Change | null>(null);
    const details = useAsk((signal) => ask<{ domain: { domainDetails: Domain } }>('query ($domain: DomainName!) { domain { domainDetails(domain: $domain) { domain hostType status type } } }', { domain }, signal), [domain]);
    const isServed = details.data?.domain.domainDetails.status === 'ENABLED';
    const figures = useAsk(async (signal) => (isServed ? counts(domain, signal) : null), [domain, isServed], 5000);
    const hosted = useAsk(async (signal) => (isServed ? services(domain, signal) : []), [domain, isServed]);
    return (
        <>
            <Heading title={domain} {...(isGlobal ? { back: { href: href(['domains']), text: 'Domains' } } : {})} actions={<><a class="button" href={href(['users'], { domain })}>Users</a><a class="button" href={href(['rooms'], { domain })}>Rooms</a></>} />
            <ul class="tiles" aria-label="Figures">
                <Tile name="Accounts" value={figures.data && count(figures.data.registered)} />
                <Tile name="Accounts online" value={figures.data && count(figures.data.online)} />
                <Tile name="Sessions" value={figures.data && count(figures.data.sessions)} />
            </ul>
            <div class="columns">
                <Card title="Domain">
                    <Shown asked={details} what="The domain">{({ domain: { domainDetails: found } }) => (
                        <>
                            <Facts facts={[['Host type', found.hostType], ['Status', <Status status={found.status} />], ['From', found.type === 'STATIC' ? 'the configuration' : 'the database']]} />
                            {isGlobal && found.type !== 'STATIC' && found.status !== 'DELETING' && (
                                <div class="actions">
                                    {found.status === 'ENABLED' ? <Button onClick={() => setChanging('disable')}>Disable</Button> : <Button onClick={() => setChanging('enable')}>Enable</Button>}
                                    <Button kind="danger" onClick={() => setChanging('remove')}>Remove domain</Button>
                                </div>
                            )}
                            {changing && <ChangeDomain domain={domain} hostType={found.hostType} change={changing} onClose={() => setChanging(null)} onDone={details.reload} />}
                        </>
                    )}</Shown>
                </Card>
                <Card title="Administrator">
                    <p><strong>admin@{domain}</strong> signs in here with a password of its own, and may what concerns this domain. Without a password there is no such administrator.</p>
                    <div class="actions">
                        <Button onClick={() => setSetting('set')} icon="lock">Set password</Button>
                        {isGlobal && <Button kind="danger" onClick={() => setSetting('remove')}>Remove</Button>}
                    </div>
                </Card>
                <Card title="Services">
                    <Shown asked={hosted} what="The list of services">{(found) => found.length === 0 ? <Empty title="Nothing is served on subdomains" /> : (
                        <Table label="Services" rows={found} keyOf={(one: HostedService) => one.domain} columns={[
                            { title: 'Service', show: (one) => <>{one.kind === 'OTHER' ? one.domain : <a href={href(['rooms'], { domain, service: one.domain })}>{one.domain}</a>}{one.name && <small>{one.name}</small>}</> },
                            { title: 'Kind', show: (one) => ({ MUC: 'rooms', MUC_LIGHT: 'light rooms', OTHER: 'other' })[one.kind] },
                        ]} />
                    )}</Shown>
                </Card>
            </div>
            {setting === 'set' && <SetPassword domain={domain} onClose={() => setSetting(null)} />}
            {setting === 'remove' && (
                <Dialog title={`Remove the administrator of ${domain}?`} action="Remove" danger onClose={() => setSetting(null)} onSubmit={async () => {
                    await ask('mutation ($domain: DomainName!) { domain { deleteDomainPassword(domain: $domain) } }', { domain });
                    say(`${domain} has no administrator of its own any more`);
                }}><p>Its password stops to work at once. You can give it another one later.</p></Dialog>
            )}
        </>
    );
}

type Change = 'disable' | 'enable' | 'remove';

const changes: Record<Change, { title: string; action: string; mutation: string; told: string; what: string }> = {
    disable: { title: 'Disable', action: 'Disable', mutation: 'disableDomain(domain: $domain)', told: 'is not served any more', what: 'Its users are disconnected and cannot come back before it is enabled again. Their data stay.' },
    enable: { title: 'Enable', action: 'Enable', mutation: 'enableDomain(domain: $domain)', told: 'is served', what: 'Its users can connect again.' },
    remove: { title: 'Remove', action: 'Remove with all data', mutation: 'requestRemoveDomain(domain: $domain, hostType: $hostType)', told: 'is being removed', what: 'Its users are disconnected at once. Accounts, messages, rooms and everything else of the domain are removed, and cannot be brought back.' },
};

function ChangeDomain(props: { domain: string; hostType: string; change: Change; onClose: () => void; onDone: () => void }): JSX.Element {
    const { title, action, mutation, told, what } = changes[props.change];
    const [typed, setTyped] = useState('');
    const isRemoval = props.change === 'remove';
    return (
        <Dialog title={`${title} ${props.domain}?`} action={action} danger={isRemoval} onClose={props.onClose} onSubmit={async () => {
            if (isRemoval && typed.trim() !== props.domain) {
                throw new Error(`Type ${props.domain} to remove it.`);
            }
            await ask(`mutation ($domain: DomainName!${isRemoval ? ', $hostType: String!' : ''}) { domain { ${mutation} { domain } } }`, isRemoval ? { domain: props.domain, hostType: props.hostType } : { domain: props.domain });
            say(`${props.domain} ${told}`);
            if (isRemoval) {
                go(['domains']);
            } else {
                props.onDone();
            }
        }}>
            <p>{what}</p>
            {isRemoval && <Field label="Its name, to be sure">{(id) => <input id={id} required autocomplete="off" autocapitalize="none" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />}</Field>}
        </Dialog>
    );
}

function SetPassword(props: { domain: string; onClose: () => void }): JSX.Element {
    const [password, setPassword] = useState('');
    return (
        <Dialog title={`Password of admin@${props.domain}`} action="Set password" onClose={props.onClose} onSubmit={async () => {
            await ask('mutation ($domain: DomainName!, $password: NonEmptyString!) { domain { setDomainPassword(domain: $domain, password: $password) } }', { domain: props.domain, password });
            say(`admin@${props.domain} has a new password`);
        }}><PasswordField value={password} onChange={setPassword} makeUp={madeUp} /></Dialog>
    );
}

/** The dashboard of a domain's administrator, who may not see the figures of the server. */
export function DomainDashboard(props: { domain: string }): JSX.Element {
    const [samples, setSamples] = useState<readonly { time: number; counts: Counts }[]>([]);
    const figures = useAsk((signal) => counts(props.domain, signal), [props.domain], 5000);
    useEffect(() => {
        if (figures.data) {
            const one = { time: Date.now(), counts: figures.data };
            setSamples((before) => [...before, one].slice(-180));
        }
    }, [figures.data]);
    const times = samples.map((one) => one.time);
    const span = times.length > 1 ? times.at(-1)! - times[0]! : 0;
    return (
        <>
            <Heading title="Dashboard" lead={props.domain} actions={<Badge kind={figures.error ? 'warning' : 'good'}>{figures.error ? 'Connection lost, trying again' : 'Every 5 seconds'}</Badge>} />
            <Shown asked={figures} what="The figures">{(now) => (
                <ul class="tiles" aria-label="Figures">
                    <Tile name="Accounts" value={count(now.registered)} />
                    <Tile name="Accounts online" value={count(now.online)} />
                    <Tile name="Sessions" value={count(now.sessions)} />
                </ul>
            )}</Shown>
            <div class="charts">
                <Chart title="Online" times={times} window={span <= 60_000 ? 60_000 : 900_000} format={count} least={10} series={[{ name: 'sessions', values: samples.map((one) => one.counts.sessions) }, { name: 'accounts', values: samples.map((one) => one.counts.online) }]} />
                <Chart title="Accounts" times={times} window={span <= 60_000 ? 60_000 : 900_000} format={count} least={10} series={[{ name: 'accounts', values: samples.map((one) => one.counts.registered) }]} />
            </div>
        </>
    );
}
