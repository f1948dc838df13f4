# The published package, built from this checkout, on Node 26 as an unprivileged user.
FROM node:26-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --no-audit --no-fund && npm run build && cd dist && npm ci --omit=optional --no-audit --no-fund

FROM node:26-bookworm-slim
COPY --from=build /build/dist /opt/packyard
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 8686
ENV NODE_ENV=production PACKYARD_HOST=0.0.0.0 PACKYARD_DATA_DIR=/data
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PACKYARD_PORT ?? 8686) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/packyard/packyard.mjs"]
CMD ["serve"]
