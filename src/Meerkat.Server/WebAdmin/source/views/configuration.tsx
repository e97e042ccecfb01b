import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../graphql';
import { Badge, Card, Empty, Field, Heading, Shown, useAsk } from '../ui';

interface Entry {
    readonly key: string;
    readonly value: string | null;
    readonly isSecret: boolean;
    readonly isDefault: boolean;
}

interface Loaded {
    readonly source: string;
    readonly sections: readonly { name: string; entries: readonly Entry[] }[];
}

/** The configuration as it was loaded. */
export function Configuration(): JSX.Element {
    const [filter, setFilter] = useState('');
    const [onlySet, setOnlySet] = useState(true);
    const asked = useAsk((signal) => ask<{ monitor: { configuration: Loaded } }>('{ monitor { configuration { source sections { name entries { key value isSecret isDefault } } } } }', {}, signal), []);
    const wanted = filter.trim().toLowerCase();
    return (
        <>
            <Heading title="Configuration" lead={asked.data ? `From ${asked.data.monitor.configuration.source}. It is read at the start; secrets are not shown.` : 'As it was loaded'} />
            <Card>
                <div class="filters">
                    <Field label="Search in keys and values">{(id) => <input id={id} type="search" spellcheck={false} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />}</Field>
                    <label class="check"><input type="checkbox" checked={onlySet} onChange={(event) => setOnlySet(event.currentTarget.checked)} />Only what differs from the defaults</label>
                </div>
                <Shown asked={asked} what="The configuration" rows={10}>{({ monitor: { configuration } }) => {
                    const sections = configuration.sections
                        .map((section) => ({ ...section, entries: section.entries.filter((entry) => (!onlySet || !entry.isDefault) && (wanted === '' || entry.key.toLowerCase().includes(wanted) || (entry.value ?? '').toLowerCase().includes(wanted))) }))
                        .filter((section) => section.entries.length > 0 || (wanted === '' && section.name.includes('modules.')));
                    return sections.length === 0 ? <Empty icon="search" title="Nothing in the configuration has that in it" /> : (
                        <div class="sections">
                            {sections.map((section) => (
                                <details key={section.name} open={wanted !== '' || !section.name.includes('modules.')}>
                                    <summary>{section.name}<span class="hint">{section.entries.length > 0 ? section.entries.length : 'defaults'}</span></summary>
                                    <dl class="entries">
                                        {section.entries.map((entry) => (
                                            <div key={entry.key}>
                                                <dt class="break">{short(entry.key, section.name)}</dt>
                                                <dd class="break">{entry.isSecret ? <Badge>set, not shown</Badge> : <code>{entry.value}</code>}{entry.isDefault && <span class="hint">default</span>}</dd>
                                            </div>
                                        ))}
                                        {section.entries.length === 0 && <div><dt class="hint">Everything is as it is by default.</dt><dd /></div>}
                                    </dl>
                                </details>
                            ))}
                        </div>
                    );
                }}</Shown>
            </Card>
        </>
    );
}

function short(key: string, section: string): string {
    return key.startsWith(`${section}.`) ? key.slice(section.length + 1) : key;
}
