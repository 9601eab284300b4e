# syntax=docker/dockerfile:1

# One image for every process; the command selects the process. Node runs the TypeScript sources without a build.
FROM node:24-bookworm-slim AS node-modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim AS yt-dlp
# Sites change: rebuild with a newer version when downloads begin to fail (docs/operations.md). Left empty, it is the version
# that comes with this release.
ARG YTDLP_VERSION=
COPY local/setup/yt-dlp-version.txt /tmp/
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/yt-dlp \
  && /opt/yt-dlp/bin/pip install --no-cache-dir "yt-dlp[default]==${YTDLP_VERSION:-$(cat /tmp/yt-dlp-version.txt)}" \
  && /opt/yt-dlp/bin/yt-dlp --ignore-config --version

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates ffmpeg python3 \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir /staging /data \
  && chown node:node /staging /data
WORKDIR /app
COPY --from=yt-dlp /opt/yt-dlp /opt/yt-dlp
COPY --from=node-modules /app/node_modules ./node_modules
# The default sources; a mounted file replaces it.
COPY package.json LICENSE sources.yaml ./
COPY src ./src
ENV NODE_ENV=production \
  STAGING_DIR=/staging \
  VERSION_LOG_FILE=/data/README_VERSIONNING.md \
  YTDLP_PATH=/opt/yt-dlp/bin/yt-dlp \
  HEALTH_PORT=8080
# New volumes get the owner of these directories, so that workers need not be root; all else belongs to root.
VOLUME ["/staging", "/data"]
USER node
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=4 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/cli/worker.ts"]
