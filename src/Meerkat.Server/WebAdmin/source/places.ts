import { ask } from './graphql';
import { signedIn } from './session';
import { useAsk, type Asked } from './ui';

/** The domains that whoever is signed in may look at, sorted. */
export function useDomains(): Asked<string[]> {
    return useAsk(async (signal) => {
        const { domain } = signedIn();
        if (domain) {
            return [domain];
        }
        const { domain: found } = await ask<{ domain: { allDomains: { domain: string }[] } }>('{ domain { allDomains { domain } } }', {}, signal);
        return found.allDomains.map((one) => one.domain);
    }, []);
}

export interface HostedService {
    readonly domain: string;
    readonly name: string | null;
    readonly kind: 'MUC' | 'MUC_LIGHT' | 'OTHER';
}

export async function services(domain: string, signal?: AbortSignal): Promise<HostedService[]> {
    const { monitor } = await ask<{ monitor: { listServices: HostedService[] } }>('query ($domain: DomainName!) { monitor { listServices(domain: $domain) { domain name kind } } }', { domain }, signal);
    return monitor.listServices;
}

export function domainOf(jid: string): string {
    return jid.split('/')[0]!.split('@').at(-1)!;
}
