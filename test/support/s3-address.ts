import type { S3Server } from './s3-server.ts'

/** Set by the test runner to the address of one server for the whole run: `s3://key:secret@bucket?endpoint=…`. */
export const S3_URL_VARIABLE = 'PACKYARD_TEST_S3_URL'

/** How a server is named by one address. The bucket in it is made by whoever uses it. */
export function s3UrlOf({ endpoint, region, accessKeyId, secretAccessKey }: S3Server): string {
  const credentials = `${encodeURIComponent(accessKeyId)}:${encodeURIComponent(secretAccessKey)}`
  return `s3://${credentials}@bucket/packyard?endpoint=${encodeURIComponent(endpoint)}&region=${region}`
}
