import { type SettingName, settingNames, settings } from '../config.ts'
import type { Setting } from './setting.ts'
import { showValue } from './values.ts'

/** `docs/configuration.md`: the table of settings for people to read, and why some of them are as they are. */
export function renderConfigurationPage(): string {
  return [introduction, ...settingNames.map(renderSetting), addresses].join('\n')
}

const introduction = `# Configuration

<!-- Made from the table in src/config.ts by scripts/configuration-page.ts: change that table, not this page. -->

Packyard needs no configuration. Every setting can be given in four places; the first that has it wins:

1. a flag of \`packyard serve\`, as \`--port 9000\`;
2. an environment variable, as \`PACKYARD_PORT=9000\`;
3. \`packyard.yaml\` in the folder where Packyard is started (another file with \`--config\` or \`PACKYARD_CONFIG\`),
   as \`port: 9000\`;
4. the default.

A name that does not exist or a value that is not allowed stops the start with one line that says so, and exit code 2.
Variables whose name starts with \`PACKYARD_TEST_\` belong to the tests and are ignored. Secrets have no flag, as command
lines can be seen by every user of a machine; they are shown as \`***\`.
`

function renderSetting(name: SettingName): string {
  const row: Setting<unknown> = settings[name]
  const lines = [
    `## ${name}`,
    '',
    row.about,
    '',
    `- Environment: \`${row.env}\`${row.env.startsWith('PACKYARD_') ? '' : ' (or in lower case)'}`,
    ...(row.flag === undefined ? [] : [`- Flag: \`${row.flag}\``]),
    `- Value: ${row.allowed}`,
    `- Default: ${row.defaultText ?? `\`${showValue(row.default)}\``}`,
  ]
  return `${lines.join('\n')}\n`
}

const addresses = `## Which address clients get back

Endpoints and the addresses of assets inside an index must be absolute, as clients store them. Packyard takes the first of:

1. \`publicUrl\`, when it is set;
2. \`http://\` and the \`Host\` header of the request, when that is a syntactically valid host or host:port: so \`localhost\`,
   \`127.0.0.1\` and a name in the local network all work at once, with nothing configured;
3. \`http://\` and the configured \`host\` and \`port\`.

Whoever calls by a made-up host gets that host back and harms nobody else: indexes that are kept ready are kept apart by
address, and their \`ETag\` differs. Set \`publicUrl\` behind a proxy, for HTTPS in front, and wherever a shared cache stands
between clients and Packyard. \`X-Forwarded-*\` and \`Forwarded\` headers are not read, as anybody can send them.

A proxy has to pass on the path byte by byte. Names such as \`@acme%2fwidgets\` hold an encoded slash, which must be neither
decoded nor refused (nginx: \`proxy_pass\` without a path; Apache: \`AllowEncodedSlashes NoDecode\` and \`nocanon\`), and the
\`Host\` header must be the one that the client sent, as it is part of every signature. A \`publicUrl\` with a path, as
\`https://example.com/packages\`, works whether the proxy cuts that path off or passes it on.
`
