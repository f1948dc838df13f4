import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runWell } from '../support/processes.ts'
import { skipWithout } from '../support/requirements.ts'
import { testOnEachSetup } from '../support/setups.ts'

/** By its own path: what stands first on the PATH may look into the home folder, which is an empty one here. */
const python = findPython()
const script = fileURLToPath(new URL('./every-operation.py', import.meta.url))

testOnEachSetup(
  'boto3 drives every operation, and each answer fits the model',
  { skip: skipWithout('Python with boto3', python !== undefined) },
  async (_, setup) => {
    const yard = await setup.start({ connections: { 'public:npmjs': 'http://127.0.0.1:9/' } })
    const env = { ...yard.env, AWS_DEFAULT_REGION: yard.env.AWS_REGION ?? '' }
    const { stdout } = await runWell(python ?? '', [script, yard.url], { cwd: join(yard.folder, 'home'), env })
    // Shown by the SDK's tests: generic packages have no readme, and copying wants a second repository.
    assert.deepEqual(JSON.parse(stdout), { left: ['CopyPackageVersions', 'GetPackageVersionReadme'] })
  },
)

function findPython(): string | undefined {
  const found = spawnSync('python3', ['-c', 'import boto3, sys; print(sys.executable)'], { encoding: 'utf8' })
  return found.status === 0 ? found.stdout.trim() : undefined
}
