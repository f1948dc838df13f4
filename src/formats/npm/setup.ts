import type { SetupStep } from '../format.ts'
import { setupPlaceOf } from '../setup-place.ts'

/** What a person pastes; in the order in which people come. Source: each client's own documentation. */
export function setup(endpoint: URL): readonly SetupStep[] {
  const registry = endpoint.href.replace(/\/?$/, '/')
  const key = registry.replace(/^https?:/, '')
  const { options, repository, tokenCommand } = setupPlaceOf(endpoint)
  const login = `aws codeartifact login --tool npm ${options} --repository ${repository}`
  const token = `export CODEARTIFACT_AUTH_TOKEN="$(${tokenCommand})"`
  return [
    { title: 'npm, Yarn 1: log in for 12 hours', text: login },
    { title: 'pnpm, Yarn 4, Bun, or without touching ~/.npmrc: get a token', text: token },
    {
      title: 'npm, pnpm, Yarn 1, Bun: a project that reads the token from the environment',
      file: '.npmrc',
      text: [
        `registry=${registry}`,
        `${key}:_authToken=\${CODEARTIFACT_AUTH_TOKEN}`,
        `${key}:always-auth=true`,
        '',
      ].join('\n'),
    },
    { title: 'Yarn 4', file: '.yarnrc.yml', text: yarnSettings(endpoint, registry) },
    {
      title: 'Bun: publish',
      text: 'NPM_CONFIG_TOKEN="$CODEARTIFACT_AUTH_TOKEN" bun publish',
    },
  ]
}

function yarnSettings({ protocol, hostname }: URL, registry: string): string {
  const lines = [
    `npmRegistryServer: "${registry}"`,
    `npmPublishRegistry: "${registry}"`,
    'npmAuthToken: "${CODEARTIFACT_AUTH_TOKEN}"',
    'npmAlwaysAuth: true',
    '# Yarn holds back what was published less than a day ago: name here what is yours.',
    'npmPreapprovedPackages: ["@your-scope/*"]',
    ...(protocol === 'http:' ? [`unsafeHttpWhitelist: ["${hostname}"]`] : []),
  ]
  return `${lines.join('\n')}\n`
}
