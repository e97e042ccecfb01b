// Prints the name, version, licence and licence text of every package that the lock file brought in.
// Usage: node licences.mjs NODE_MODULES > licences.txt
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2];

function* packages(folder) {
    for (const name of readdirSync(folder).sort()) {
        const path = join(folder, name);
        if (name.startsWith('@')) {
            yield* packages(path);
        } else if (existsSync(join(path, 'package.json'))) {
            yield path;
        }
    }
}

for (const path of packages(root)) {
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const text = readdirSync(path).find((file) => /^(licen[cs]e|copying)(\.(txt|md))?$/i.test(file));
    console.log('='.repeat(80));
    console.log(`${name} ${version}: ${license ?? 'see below'}\n`);
    console.log(text ? readFileSync(join(path, text), 'utf8').trim() : '(The package carries no licence text of its own.)');
    console.log();
}
