import type { ComponentChildren, JSX } from 'preact';
import { useCallback, useEffect, useId, useRef, useState } from 'preact/hooks';
import { Refusal } from './graphql';
import { Icon, type IconName } from './icons';

// ---- asking ----

export interface Asked<T> {
    readonly data: T | null;
    readonly error: Error | null;
    readonly loading: boolean;
    readonly reload: () => void;
}

/** Asks when what it depends on changes, and every so many milliseconds where that is wanted. What was there stays while it asks again. */
export function useAsk<T>(run: (signal: AbortSignal) => Promise<T>, deps: readonly unknown[], every?: number): Asked<T> {
    const [state, setState] = useState<{ data: T | null; error: Error | null; loading: boolean }>({ data: null, error: null, loading: true });
    const [turn, setTurn] = useState(0);
    const known = useRef<string | null>(null);
    const which = JSON.stringify(deps);
    useEffect(() => {
        const stop = new AbortController();
        const fresh = known.current !== which;
        known.current = which;
        setState((before) => ({ data: fresh ? null : before.data, error: null, loading: true }));
        const load = () => run(stop.signal).then(
            (data) => !stop.signal.aborted && setState({ data, error: null, loading: false }),
            (error: Error) => !stop.signal.aborted && setState((before) => ({ data: before.data, error, loading: false })),
        );
        void load();
        const timer = every ? setInterval(load, every) : undefined;
        return () => {
            stop.abort();
            clearInterval(timer);
        };
    }, [which, turn, every]);
    return { ...state, reload: useCallback(() => setTurn((before) => before + 1), []) };
}

/** What is asked for, or that it is on its way, or why it did not come. */
export function Shown<T>(props: { asked: Asked<T>; what: string; children: (data: T) => ComponentChildren; rows?: number }): JSX.Element {
    const { asked, what, children, rows = 4 } = props;
    if (asked.data !== null) {
        return <>{asked.error && <Failure error={asked.error} retry={asked.reload} />}{children(asked.data)}</>;
    }
    if (asked.error) {
        return <Failure error={asked.error} retry={asked.reload} />;
    }
    return (
        <div class="skeleton" role="status" aria-label={`${what} is being loaded`}>
            {Array.from({ length: rows }, (_, row) => <span key={row} />)}
        </div>
    );
}

export function Failure(props: { error: Error; retry?: () => void }): JSX.Element {
    return (
        <div class="notice danger" role="alert">
            <Icon name="alert" />
            <p>{props.error.message}{props.error instanceof Refusal && props.error.code !== 'unreachable' && <code>{props.error.code}</code>}</p>
            {props.retry && <Button onClick={props.retry}>Try again</Button>}
        </div>
    );
}

export function Empty(props: { icon?: IconName; title: string; children?: ComponentChildren }): JSX.Element {
    return (
        <div class="empty">
            <Icon name={props.icon ?? 'inbox'} />
            <p class="empty-title">{props.title}</p>
            {props.children && <p>{props.children}</p>}
        </div>
    );
}

// ---- parts ----

export function Button(props: { children: ComponentChildren; onClick?: () => void; kind?: 'primary' | 'danger' | 'quiet'; type?: 'button' | 'submit'; disabled?: boolean; label?: string; icon?: IconName }): JSX.Element {
    return (
        <button type={props.type ?? 'button'} class={`button ${props.kind ?? ''}`} onClick={props.onClick} disabled={props.disabled} aria-label={props.label}>
            {props.icon && <Icon name={props.icon} />}{props.children}
        </button>
    );
}

let isArriving = false;

/** Somebody goes to another view: its heading takes the focus when it is there, so that who uses a keyboard or a screen reader is there too. */
export function arrive(): void {
    isArriving = true;
}

export function Heading(props: { title: string; lead?: ComponentChildren; actions?: ComponentChildren; back?: { href: string; text: string } }): JSX.Element {
    const title = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        document.title = `${props.title} – Meerkat administration`;
    }, [props.title]);
    useEffect(() => {
        if (isArriving) {
            isArriving = false;
            title.current?.focus({ preventScroll: true });
            scrollTo(0, 0);
        }
    });
    return (
        <header class="heading">
            {props.back && <a class="back" href={props.back.href}><Icon name="back" />{props.back.text}</a>}
            <div class="heading-row">
                <div><h1 tabIndex={-1} ref={title}>{props.title}</h1>{props.lead && <p class="lead">{props.lead}</p>}</div>
                {props.actions && <div class="actions">{props.actions}</div>}
            </div>
        </header>
    );
}

export function Card(props: { title?: string; actions?: ComponentChildren; children: ComponentChildren; class?: string }): JSX.Element {
    const id = useId();
    return (
        <section class={`card ${props.class ?? ''}`} {...(props.title ? { 'aria-labelledby': id } : {})}>
            {props.title && <div class="card-head"><h2 id={id}>{props.title}</h2>{props.actions && <div class="actions">{props.actions}</div>}</div>}
            {props.children}
        </section>
    );
}

export function Badge(props: { kind?: 'good' | 'warning' | 'danger' | 'neutral'; children: ComponentChildren }): JSX.Element {
    return <span class={`badge ${props.kind ?? 'neutral'}`}>{props.children}</span>;
}

export function Field(props: { label: string; hint?: string; children: (id: string, hintId: string | undefined) => ComponentChildren }): JSX.Element {
    const id = useId();
    return (
        <div class="field">
            <label for={id}>{props.label}</label>
            {props.children(id, props.hint ? `${id}-hint` : undefined)}
            {props.hint && <p class="hint" id={`${id}-hint`}>{props.hint}</p>}
        </div>
    );
}

export function Select(props: { label: string; value: string; options: readonly (string | readonly [string, string])[]; onChange: (value: string) => void }): JSX.Element {
    return (
        <Field label={props.label}>
            {(id) => (
                <select id={id} value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
                    {props.options.map((option) => typeof option === 'string' ? [option, option] as const : option).map(([value, text]) => <option key={value} value={value} selected={value === props.value}>{text}</option>)}
                </select>
            )}
        </Field>
    );
}

export function Tabs(props: { label: string; tabs: readonly (readonly [string, string, string])[]; current: string }): JSX.Element {
    return (
        <nav class="tabs" aria-label={props.label}>
            {props.tabs.map(([key, text, to]) => <a key={key} href={to} aria-current={key === props.current ? 'page' : undefined}>{text}</a>)}
        </nav>
    );
}

export interface Column<T> {
    readonly title: string;
    readonly show: (row: T) => ComponentChildren;
    readonly numeric?: boolean;
    readonly hidden?: boolean;
}

/** A table that becomes a list of cards on a small screen. */
export function Table<T>(props: { label: string; columns: readonly Column<T>[]; rows: readonly T[]; keyOf: (row: T) => string }): JSX.Element {
    const columns = props.columns.filter((column) => !column.hidden);
    return (
        <table role="table" aria-label={props.label}>
            <thead role="rowgroup">
                <tr role="row">{columns.map((column) => <th key={column.title} role="columnheader" scope="col" class={column.numeric ? 'numeric' : ''}>{column.title || <span class="unseen">Actions</span>}</th>)}</tr>
            </thead>
            <tbody role="rowgroup">
                {props.rows.map((row) => (
                    <tr role="row" key={props.keyOf(row)}>
                        {columns.map((column) => <td key={column.title} role="cell" data-label={column.title} class={`${column.numeric ? 'numeric' : ''} ${column.title ? '' : 'row-actions'}`}>{column.show(row)}</td>)}
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

export function Facts(props: { facts: readonly (readonly [string, ComponentChildren] | false | null | undefined)[] }): JSX.Element {
    return (
        <dl class="facts">
            {props.facts.filter((fact): fact is readonly [string, ComponentChildren] => !!fact).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
        </dl>
    );
}

// ---- dialogs ----

/** A question that covers the page until it is answered. What is refused is said in it, and it stays. */
export function Dialog(props: { title: string; action: string; danger?: boolean; onClose: () => void; onSubmit: () => Promise<unknown>; children: ComponentChildren }): JSX.Element {
    const dialog = useRef<HTMLDialogElement>(null);
    const id = useId();
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<Error | null>(null);
    useEffect(() => {
        dialog.current?.showModal();
    }, []);
    const submit = async (event: Event) => {
        event.preventDefault();
        setBusy(true);
        setError(null);
        try {
            await props.onSubmit();
            props.onClose();
        } catch (failure) {
            setError(failure as Error);
            setBusy(false);
        }
    };
    return (
        <dialog ref={dialog} aria-labelledby={id} onClose={props.onClose}>
            <form onSubmit={submit}>
                <h2 id={id}>{props.title}</h2>
                {props.children}
                {error && <Failure error={error} />}
                <div class="dialog-actions">
                    <Button onClick={() => dialog.current?.close()}>Cancel</Button>
                    <Button type="submit" kind={props.danger ? 'danger' : 'primary'} disabled={busy}>{props.action}</Button>
                </div>
            </form>
        </dialog>
    );
}

export function PasswordField(props: { value: string; onChange: (value: string) => void; makeUp: () => string }): JSX.Element {
    const [visible, setVisible] = useState(false);
    return (
        <Field label="Password" hint="Made-up passwords are shown once: copy it before you go on.">
            {(id, hint) => (
                <div class="joined">
                    <input id={id} aria-describedby={hint} type={(visible ? 'text' : 'password') as 'password'} autocomplete="new-password" required value={props.value} onInput={(event) => props.onChange(event.currentTarget.value)} />
                    <Button onClick={() => setVisible(!visible)} label={visible ? 'Hide the password' : 'Show the password'} icon={visible ? 'hide' : 'show'}>{''}</Button>
                    <Button onClick={() => { props.onChange(props.makeUp()); setVisible(true); }}>Make one up</Button>
                </div>
            )}
        </Field>
    );
}

// ---- what was done ----

let tell: (text: string) => void = () => undefined;

/** Says what was done, for a moment. */
export function say(text: string): void {
    tell(text);
}

export function Sayings(): JSX.Element {
    const [saying, setSaying] = useState<{ text: string; id: number } | null>(null);
    useEffect(() => {
        tell = (text) => setSaying({ text, id: Date.now() });
    }, []);
    useEffect(() => {
        const timer = saying && setTimeout(() => setSaying(null), 6000);
        return () => clearTimeout(timer ?? undefined);
    }, [saying]);
    return <div class="sayings" role="status">{saying && <p key={saying.id}><Icon name="check" />{saying.text}</p>}</div>;
}
