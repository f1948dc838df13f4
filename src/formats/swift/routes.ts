import type { Method, Reply } from '../../http/call.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall, Route } from '../format.ts'
import { readIdentifiers } from './identifiers.ts'
import { publish } from './publish.ts'
import { readManifest, readRelease, readReleases } from './reads.ts'
import { json } from './replies.ts'
import { readSubmission } from './submissions.ts'

type Answer = (call: PackageCall, session: RepositorySession) => Promise<Reply>

/** Source: Swift Package Registry Service Specification, 4; SE-0378 for logging in; SwiftPM for availability. */
export const swiftRoutes: readonly Route[] = [
  route('POST', '/login', answerReaders),
  route('GET', '/availability', answerReaders),
  route('GET', '/identifiers', readIdentifiers),
  // No scope begins with a dot.
  route('GET', '/.submissions/:submission', readSubmission),
  route('GET', '/:scope/:name', readReleases),
  route('GET', '/:scope/:name/:version', readRelease),
  route('PUT', '/:scope/:name/:version', publish),
  route('GET', '/:scope/:name/:version/Package.swift', readManifest),
]

function route(method: Method, path: `/${string}`, handle: Answer): Route {
  return { method, path, handle }
}

/** A token that may read has come, and the registry is there: that is all that is asked. */
async function answerReaders(_: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  return json(200, {})
}
