import { render, type JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import './style.css';
import { Icon, Logo, type IconName } from './icons';
import { href, useRoute, type Route } from './router';
import { end, onChange, session, type Session } from './session';
import { SignIn } from './signin';
import { applyTheme, nextTheme, theme } from './theme';
import { arrive, Empty, Heading, Sayings } from './ui';
import { Configuration } from './views/configuration';
import { Dashboard } from './views/dashboard';
import { DomainDashboard, DomainView, Domains } from './views/domains';
import { Log } from './views/log';
import { Rooms } from './views/rooms';
import { RoomView } from './views/room';
import { Sessions } from './views/sessions';
import { UserView } from './views/user';
import { Users } from './views/users';

interface Place {
    readonly key: string;
    readonly text: string;
    readonly icon: IconName;
    readonly isGlobal?: boolean;
}

const places: readonly Place[] = [
    { key: '', text: 'Dashboard', icon: 'dashboard' },
    { key: 'domains', text: 'Domains', icon: 'domain' },
    { key: 'users', text: 'Users', icon: 'users' },
    { key: 'sessions', text: 'Sessions', icon: 'sessions' },
    { key: 'rooms', text: 'Rooms', icon: 'rooms' },
    { key: 'configuration', text: 'Configuration', icon: 'settings', isGlobal: true },
    { key: 'log', text: 'Log', icon: 'log', isGlobal: true },
];

function view(route: Route, who: Session): JSX.Element {
    const [place = '', which, tab] = route.path;
    switch (place) {
        case '':
            return who.isGlobal ? <Dashboard /> : <DomainDashboard domain={who.domain!} />;
        case 'domains':
            return which ? <DomainView key={which} domain={which} /> : who.isGlobal ? <Domains /> : <DomainView domain={who.domain!} />;
        case 'users':
            return which ? <UserView key={which} jid={which} tab={tab ?? 'devices'} /> : <Users query={route.query} />;
        case 'sessions':
            return <Sessions query={route.query} />;
        case 'rooms':
            return which ? <RoomView key={which} jid={which} kind={route.query.get('kind') ?? 'MUC'} /> : <Rooms query={route.query} />;
        case 'configuration':
            return <Configuration />;
        case 'log':
            return <Log />;
        default:
            return <><Heading title="Nothing here" /><Empty title="There is no such page">Choose another from the menu.</Empty></>;
    }
}

function Shell(props: { who: Session }): JSX.Element {
    const route = useRoute();
    const [open, setOpen] = useState(false);
    const [, setTheme] = useState(theme());
    const place = route.path[0] ?? '';
    const at = route.path.slice(0, 2).join('/'); // tabs of one view are not another
    const before = useRef(at);
    if (before.current !== at) {
        before.current = at;
        arrive();
    }
    useEffect(() => setOpen(false), [at]);
    useEffect(() => {
        const close = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false);
        addEventListener('keydown', close);
        return () => removeEventListener('keydown', close);
    }, []);
    return (
        <div class={`shell ${open ? 'menu-open' : ''}`}>
            <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to the content</a>
            <header class="bar">
                <button type="button" class="button quiet menu-button" aria-expanded={open} aria-controls="menu" aria-label="Menu" onClick={() => setOpen(!open)}><Icon name={open ? 'close' : 'menu'} /></button>
                <span class="brand"><Logo />Meerkat</span>
            </header>
            <div class="scrim" onClick={() => setOpen(false)} />
            <aside class="side" id="menu">
                <div class="brand"><Logo />Meerkat</div>
                <nav aria-label="Pages">
                    <ul>
                        {places.filter((one) => props.who.isGlobal || !one.isGlobal).map((one) => (
                            <li key={one.key}><a href={href(one.key ? [one.key] : [])} aria-current={one.key === place ? 'page' : undefined}><Icon name={one.icon} />{!props.who.isGlobal && one.key === 'domains' ? 'Domain' : one.text}</a></li>
                        ))}
                    </ul>
                </nav>
                <div class="who">
                    <p><strong>{props.who.name}</strong><span>{props.who.isGlobal ? 'Administrator of the server' : 'Administrator of a domain'}</span></p>
                    <div class="actions">
                        <button type="button" class="button quiet" onClick={() => setTheme(nextTheme())}><Icon name={theme() === 'dark' ? 'light' : 'dark'} />{theme() === 'dark' ? 'Light' : 'Dark'}</button>
                        <button type="button" class="button quiet" onClick={() => end()}><Icon name="out" />Sign out</button>
                    </div>
                </div>
            </aside>
            <main id="main" tabIndex={-1}>{view(route, props.who)}</main>
            <Sayings />
        </div>
    );
}

function App(): JSX.Element {
    const [who, setWho] = useState(session());
    const [notice, setNotice] = useState<string>();
    useEffect(() => onChange((text) => {
        setNotice(text);
        setWho(session());
    }), []);
    return who ? <Shell key={who.authorization} who={who} /> : <SignIn notice={notice} />;
}

applyTheme();
render(<App />, document.getElementById('app')!);
