import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { post, Refusal } from './graphql';
import { Logo } from './icons';
import { basic, begin } from './session';
import { Button, Failure, Field } from './ui';

interface Endpoints {
    readonly admin: string | null;
    readonly domainAdmin: string | null;
}

/** Asked when somebody signs in, and not before: a form that waits for it would swallow the Enter of who is quick. */
async function whereTo(): Promise<Endpoints> {
    try {
        return (await (await fetch('endpoints.json')).json()) as Endpoints;
    } catch {
        throw new Error('The server cannot be reached.');
    }
}

/** A name with an @ is the administrator of a domain; another one that of the server. */
export function SignIn(props: { notice: string | undefined }): JSX.Element {
    const [name, setName] = useState('');
    const [password, setPassword] = useState('');
    const [error, setError] = useState<Error | null>(null);
    const [busy, setBusy] = useState(false);
    useEffect(() => {
        document.title = 'Sign in – Meerkat administration';
    }, []);

    const submit = async (event: Event) => {
        event.preventDefault();
        setError(null);
        setBusy(true);
        const isGlobal = !name.includes('@');
        const authorization = basic(name, password);
        try {
            const endpoints = await whereTo();
            const endpoint = isGlobal ? endpoints.admin : endpoints.domainAdmin;
            if (!endpoint) {
                throw new Error(isGlobal ? 'The administrator of the server cannot sign in here, only administrators of domains: admin@domain.' : 'Administrators of domains cannot sign in here.');
            }
            const { checkAuth } = await post<{ checkAuth: { authType: string | null; domain: string | null } }>(endpoint, authorization, '{ checkAuth { authType domain } }', {});
            if (checkAuth.authType === null) {
                throw new Refusal('These credentials open nothing.', 'no_permissions');
            }
            begin({ name, isGlobal: checkAuth.authType === 'ADMIN', domain: checkAuth.domain, endpoint, authorization });
        } catch (failure) {
            setError(failure instanceof Refusal && failure.code === 'wrong_credentials' ? new Error('Name or password is wrong.') : (failure as Error));
            setBusy(false);
        }
    };

    return (
        <main class="sign-in">
            <form class="card" onSubmit={submit}>
                <div class="sign-in-head"><Logo /><div><h1>Meerkat</h1><p>Administration</p></div></div>
                {props.notice && !error && <div class="notice" role="status"><p>{props.notice}</p></div>}
                {error && <Failure error={error} />}
                <Field label="Name" hint="admin, or admin@domain for the administrator of a domain">
                    {(id, hint) => <input id={id} aria-describedby={hint} autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus value={name} onInput={(event) => setName(event.currentTarget.value)} />}
                </Field>
                <Field label="Password">
                    {(id) => <input id={id} type="password" autocomplete="current-password" required value={password} onInput={(event) => setPassword(event.currentTarget.value)} />}
                </Field>
                <Button type="submit" kind="primary" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</Button>
            </form>
        </main>
    );
}
