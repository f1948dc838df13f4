import assert from 'node:assert/strict'
import { access, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { rustupHome, skipWithoutCargo } from '../support/cargo.ts'
import { type ClientName, clientProgram, skipWithoutClient } from '../support/clients.ts'
import { dotnetProgram, dotnetVariables, skipWithoutDotnet } from '../support/dotnet.ts'
import { debianArtifacts, skipWithoutTool } from '../support/java-clients.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { pips, skipWithoutPip, skipWithoutTwine } from '../support/python-clients.ts'
import { makePython } from '../support/python-package.ts'
import { skipWithoutRuby } from '../support/ruby-clients.ts'
import { ToolUser } from '../support/tool-user.ts'
import { startUpstream } from '../support/upstream.ts'

/** One tool, and how it shows that it was let in. */
interface ToolCase {
  readonly name: string
  readonly tool: string
  readonly skip: string | false
  readonly env?: (folder: string) => Record<string, string>
  /** Some tools can be told only for one command, some ask by themselves. */
  readonly ways: readonly ('login' | 'renew' | 'run')[]
  /** What a login is made with. */
  readonly loginEnv?: (user: ToolUser) => Record<string, string>
  prepare?(user: ToolUser, yard: Packyard): Promise<void>
  /** From nothing: neither cache nor anything installed. */
  readonly install: (user: ToolUser) => readonly string[]
  readonly installEnv?: (user: ToolUser) => Record<string, string>
  check(user: ToolUser, yard: Packyard): Promise<void>
}

const npmFamily: readonly ToolCase[] = (
  [
    ['npm 11', 'install', ['login', 'run']],
    ['pnpm 12', 'add', ['login', 'run']],
    ['Yarn 1', 'add', ['login', 'run']],
    ['Yarn 4', 'add', ['run']],
  ] as const satisfies readonly (readonly [ClientName, string, ToolCase['ways']])[]
).map(([name, add, ways]) => ({
  name,
  tool: 'npm',
  skip: skipWithoutClient(name),
  ways,
  env: (folder) => ({ YARN_CACHE_FOLDER: join(folder, 'cache') }),
  async prepare(user) {
    await user.write({ 'package.json': '{"name":"application","version":"1.0.0","private":true}' })
    const yarn = 'nodeLinker: node-modules\nenableTelemetry: false\nunsafeHttpWhitelist: ["127.0.0.1"]\n'
    if (name === 'Yarn 4') await user.write({ 'yarn.lock': '', '.yarnrc.yml': yarn })
  },
  install: () => [...clientProgram(name), add, 'tiny'],
  async check(user) {
    const text = await readFile(join(user.project, 'node_modules/tiny/package.json'), 'utf8')
    assert.equal((JSON.parse(text) as { version: string }).version, '1.3.0')
  },
}))

const [newestPip] = pips

const pip: ToolCase = {
  name: newestPip?.name ?? 'pip',
  tool: 'pip',
  skip: skipWithoutPip,
  ways: ['login', 'renew', 'run'],
  async prepare(user) {
    // A keyring that pip could import would be asked instead, by those that cannot be told which (before 23.1).
    await user.write({ 'none/keyring.py': 'raise ImportError\n' })
  },
  install({ project }) {
    const options = ['--no-cache-dir', '--disable-pip-version-check', '--target', join(project, 'out')]
    return [newestPip?.program ?? '', ...(newestPip?.words ?? []), 'install', ...options, 'tiny_leaf']
  },
  installEnv: (user) => ({
    ...user.onPath(join(user.home, '.local/bin')),
    PYTHONPATH: join(user.project, 'none'),
  }),
  check: (user) => access(join(user.project, 'out/tiny_leaf/__init__.py')),
}

const twine: ToolCase = {
  name: 'twine',
  tool: 'twine',
  skip: skipWithoutTwine,
  ways: ['login', 'run'],
  async prepare(user) {
    const { bytes } = makePython({ name: 'by_twine', version: '1.0' })
    await user.write({ 'by_twine-1.0-py3-none-any.whl': bytes })
  },
  install(user) {
    const file = join(user.project, 'by_twine-1.0-py3-none-any.whl')
    const shared = ['twine', 'upload', '--non-interactive', '--disable-progress-bar']
    // With `packyard run` it finds the repository in its environment.
    return [...shared, ...(logged.has(user) ? ['--repository', 'codeartifact'] : []), file]
  },
  check: async (_, yard) => {
    assert.deepEqual(await yard.versions('main', 'by-twine', 'pypi'), ['1.0 Published INTERNAL'])
  },
}

/** Who logged in, rather than running one command. */
const logged = new WeakSet<ToolUser>()

const mavenOptions = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'
const maven: ToolCase = {
  name: 'Maven',
  tool: 'maven',
  skip: skipWithoutTool('mvn'),
  ways: ['login', 'run'],
  env: (folder) => ({ MAVEN_OPTS: `${mavenOptions} -Duser.home=${join(folder, 'home')}` }),
  install: () => ['mvn', '-B', '-ntp', 'dependency:get', '-Dartifact=org.tools:tiny:1.5', '-Dtransitive=false'],
  check: (user) => access(join(user.home, '.m2/repository/org/tools/tiny/1.5/tiny-1.5.jar')),
}

const gradle: ToolCase = {
  name: 'Gradle',
  tool: 'gradle',
  skip: skipWithoutTool('gradle'),
  ways: ['login', 'renew', 'run'],
  env: (folder) => ({
    GRADLE_OPTS: `-XX:TieredStopAtLevel=1 -Dorg.gradle.daemon=false -Duser.home=${join(folder, 'home')}`,
    GRADLE_USER_HOME: join(folder, 'home/.gradle'),
  }),
  prepare: (user) =>
    user.write({
      'settings.gradle': "rootProject.name = 'application'\n",
      'build.gradle':
        "apply plugin: 'java'\ndependencies { runtime 'org.tools:tiny:1.5' }\n" +
        "task copy(type: Copy) {\n  from configurations.runtime\n  into 'libraries'\n}\n",
    }),
  install: () => ['gradle', '--no-daemon', '--console=plain', 'copy'],
  check: (user) => access(join(user.project, 'libraries/tiny-1.5.jar')),
}

const dotnet: ToolCase = {
  name: 'dotnet',
  tool: 'dotnet',
  skip: skipWithoutDotnet(),
  ways: ['login', 'renew', 'run'],
  env: (folder) => ({
    ...dotnetVariables(join(folder, 'home'), join(folder, 'packages')),
    // Ours: generous, as everything that starts here shares two cores with the rest of the tests.
    NUGET_PLUGIN_HANDSHAKE_TIMEOUT_IN_SECONDS: '30',
    NUGET_PLUGIN_REQUEST_TIMEOUT_IN_SECONDS: '30',
  }),
  loginEnv: (user) => user.onPath(dirname(dotnetProgram)),
  async prepare(user, yard) {
    const source = `${await yard.endpoint('main', 'nuget')}v3/index.json`
    await user.write({
      'application.csproj':
        '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>netcoreapp3.1</TargetFramework></PropertyGroup>' +
        '<ItemGroup><PackageReference Include="Tiny.Leaf" Version="1.0.0" /></ItemGroup></Project>\n',
      // For `packyard run`, which names no sources: who runs it has them in the project.
      'NuGet.Config': `<configuration><packageSources><clear /><add key="packyard" value="${source}" /></packageSources></configuration>\n`,
    })
  },
  install: () => [dotnetProgram, 'restore', '--no-cache'],
  check: (user) => access(join(dirname(user.project), 'packages/tiny.leaf/1.0.0/tiny.leaf.1.0.0.nupkg')),
}

const rubyEnv = (folder: string) => ({
  GEM_HOME: join(folder, 'gems'),
  GEM_PATH: join(folder, 'gems'),
  BUNDLE_PATH: join(folder, 'bundle'),
  BUNDLE_RETRY: '0',
})

const gem: ToolCase = {
  name: 'gem',
  tool: 'gem',
  skip: skipWithoutRuby(),
  ways: ['login', 'run'],
  env: rubyEnv,
  install: () => ['gem', 'install', '--no-document', 'pub-base'],
  check: (user) => access(join(dirname(user.project), 'gems/gems/pub-base-1.0')),
}

const bundler: ToolCase = {
  name: 'Bundler',
  tool: 'bundler',
  skip: skipWithoutRuby(),
  ways: ['login', 'run'],
  env: rubyEnv,
  prepare: async (user, yard) =>
    user.write({ Gemfile: `source '${await yard.endpoint('main', 'ruby')}'\ngem 'pub-base'\n` }),
  install: () => ['bundle', 'install'],
  check: async (user) => {
    assert.match((await user.run(['bundle', 'list'])).stdout, /pub-base \(1\.0\)/)
  },
}

const cargo: ToolCase = {
  name: 'Cargo',
  tool: 'cargo',
  skip: skipWithoutCargo(),
  ways: ['renew', 'run'],
  env: () => ({ RUSTUP_HOME: rustupHome }),
  prepare: (user) =>
    user.write({
      'Cargo.toml':
        '[package]\nname = "application"\nversion = "0.1.0"\n[dependencies]\ntiny_leaf = "1"\n[workspace]\n',
      'src/lib.rs': '',
    }),
  install: () => ['cargo', 'fetch'],
  async check(user) {
    assert.match(await readFile(join(user.project, 'Cargo.lock'), 'utf8'), /name = "tiny_leaf"\nversion = "1\.0\.0"/)
  },
}

const cases = [...npmFamily, pip, twine, maven, gradle, dotnet, gem, bundler, cargo]

test('Whoever logs a tool in can install with it, from a shell that knows of no server', async (t) => {
  const yard = await start(t)
  for (const each of cases) {
    await t.test(each.name, { skip: each.skip }, async (s) => {
      for (const way of each.ways) await s.test(way, () => tryTool(yard, each, way))
    })
  }
})

async function start(t: TestContext): Promise<Packyard> {
  const upstream = await startUpstream(t, {
    npm: ['tiny@1.3.0'],
    pypi: ['tiny_leaf@1.0.0'],
    cargo: ['tiny_leaf@1.0.0'],
    nuget: ['Tiny.Leaf@1.0.0'],
    maven: ['org.tools:tiny:1.5', 'org.codehaus.plexus:plexus-utils:1.1'],
    ruby: ['pub-base@1.0'],
  })
  upstream.maven.folder = debianArtifacts
  return startPackyard(t, {
    processes: 1,
    connections: {
      'public:npmjs': upstream.url,
      'public:pypi': upstream.url,
      'public:crates-io': upstream.cargo.url,
      'public:nuget-org': upstream.nuget.url,
      'public:maven-central': upstream.maven.url,
      'public:ruby-gems-org': upstream.url,
    },
  })
}

async function tryTool(yard: Packyard, each: ToolCase, way: ToolCase['ways'][number]): Promise<void> {
  const user = await ToolUser.create(yard, each.env)
  await each.prepare?.(user, yard)
  const env = each.installEnv?.(user) ?? {}
  if (way === 'run') {
    await user.runLoggedIn(each.install(user))
    assert.doesNotMatch(await user.settings(), /eyJ/, 'nothing is left behind')
  } else {
    logged.add(user)
    await user.logInWith(each.loginEnv?.(user) ?? {}, each.tool, ...(way === 'renew' ? ['--renew'] : []))
    const settings = await user.settings()
    if (way === 'renew') assert.doesNotMatch(settings, /eyJ/, 'a token was written down')
    else assert.match(settings, /eyJ/)
    await rm(join(user.project, 'NuGet.Config'), { force: true })
    await user.run(each.install(user), env)
  }
  await each.check(user, yard)
}
