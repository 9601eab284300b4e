# One image for every process: `sonotheque COMMAND`. Node runs the TypeScript sources without a build.
#
# NODE_IMAGE is pinned by its digest; docs/operations.md tells how to renew it. Another image with Node 24, bash and Debian
# (a mirror's, one of your own) is given with --build-arg NODE_IMAGE=… or NODE_IMAGE in .env.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

FROM ${NODE_IMAGE} AS node-modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are TypeScript, which valibot can do without, and a native decoder that msgpackr can do without.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name "*.map" -o -name "*.d.ts" -o -name "*.d.mts" -o -name "*.d.cts" \) -delete

FROM ${NODE_IMAGE} AS ffmpeg
COPY deploy/image/build-ffmpeg.sh /tmp/
RUN /tmp/build-ffmpeg.sh /opt/ffmpeg

FROM ${NODE_IMAGE} AS yt-dlp
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
COPY local/setup/yt-dlp-version.txt local/setup/requirements/ /tmp/
# Left empty, it is the version that comes with this release, whose files are checked by their hashes. Below the layers that
# take long, so that another version is a matter of seconds.
ARG YTDLP_VERSION=
# `complete` is the mark of local/setup/yt-dlp-choice.mjs, with the path under which the environment is used. Nobody may write there
# later, so the code is compiled now, for times of files that the image may change: otherwise each start of yt-dlp compiles it all.
RUN python3 -m venv /opt/yt-dlp \
  && pip='/opt/yt-dlp/bin/pip install --no-cache-dir --disable-pip-version-check' \
  && if [ -z "$YTDLP_VERSION" ]; \
  then $pip --require-hashes --requirement "/tmp/yt-dlp-$(cat /tmp/yt-dlp-version.txt).txt"; \
  else $pip "yt-dlp[default]==$YTDLP_VERSION"; fi \
  && version=$(/opt/yt-dlp/bin/yt-dlp --ignore-config --version) \
  && printf '%s /app/.sonotheque/tools/python' "$version" > /opt/yt-dlp/complete \
  && /opt/yt-dlp/bin/python3 -m compileall -q -f -j 0 --invalidation-mode unchecked-hash /opt/yt-dlp/lib

FROM ${NODE_IMAGE}
# python3-venv is for `sonotheque update-yt-dlp`. Node alone is needed of the image of Node.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libmp3lame0 python3 python3-venv zlib1g \
  && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/include /opt/yarn* \
  /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  && mkdir -p /staging /data /app/.sonotheque/tools \
  && chown node:node /staging /data /app/.sonotheque/tools \
  && ln -s /app/deploy/image/sonotheque.mjs /usr/local/bin/sonotheque
COPY --from=ffmpeg /opt/ffmpeg/bin/ /usr/local/bin/
COPY --from=yt-dlp /opt/yt-dlp /opt/yt-dlp
WORKDIR /app
COPY --from=node-modules /app/node_modules ./node_modules
COPY deploy/image/sonotheque.mjs deploy/image/health-check.sh ./deploy/image/
COPY local/setup ./local/setup
COPY local/update-yt-dlp ./local/update-yt-dlp
# The default sources; a mounted file replaces it.
COPY package.json package-lock.json LICENSE sources.yaml ./
COPY src ./src
RUN install -d -o node -g node /app/.sonotheque/compile-cache
# What commands write by a relative path goes to the data volume. COMMAND_PREFIX: how people type commands, for messages.
WORKDIR /data
ENV NODE_ENV=production \
  COMMAND_PREFIX="docker compose run --rm cli" \
  STAGING_DIR=/staging \
  VERSION_LOG_FILE=/data/README_VERSIONNING.md \
  PLAYLIST_FILE=/app/playlist.txt \
  SOURCES_FILE=/app/sources.yaml \
  YTDLP_PATH=/app/.sonotheque/tools/bin/yt-dlp \
  HEALTH_PORT=8080
# Named volumes get the owner of /staging, /data and /app/.sonotheque/tools; all else belongs to root.
USER node
# Otherwise every start of a container strips and compiles all that it loads. Node keeps what it compiled by user.
RUN for command in worker status enqueue; do node /app/local/setup/warm-compile-cache.mjs "$command" || exit 1; done
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=4 CMD ["/app/deploy/image/health-check.sh"]
ENTRYPOINT ["sonotheque"]
CMD ["worker"]
