import { useEffect, useState } from 'preact/hooks';

/** Where the page is: the path behind the #, and what is asked of it. Nothing secret ever stands here. */
export interface Route {
    readonly path: readonly string[];
    readonly query: URLSearchParams;
}

export function current(): Route {
    const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
    return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

function decode(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

export function href(path: readonly string[], query: Record<string, string | undefined> = {}): string {
    const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
    const text = given.length > 0 ? `?${new URLSearchParams(given)}` : '';
    return `#/${path.map(encodeURIComponent).join('/')}${text}`;
}

export function go(path: readonly string[], query: Record<string, string | undefined> = {}, replace = false): void {
    const next = href(path, query);
    if (replace) {
        history.replaceState(null, '', next);
        dispatchEvent(new HashChangeEvent('hashchange'));
    } else {
        location.hash = next;
    }
}

export function useRoute(): Route {
    const [route, setRoute] = useState(current);
    useEffect(() => {
        const changed = () => setRoute(current());
        addEventListener('hashchange', changed);
        return () => removeEventListener('hashchange', changed);
    }, []);
    return route;
}
