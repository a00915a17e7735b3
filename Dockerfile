# modelguard as an image: `docker run --rm -v "$PWD:/scan:ro" modelguard scan .`; docs/ci.md says more.

FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --disable-pip-version-check --wheel-dir /wheels .

FROM python:3.13-slim-bookworm
# git is asked for histories, what is staged and what is ignored. Debian keeps one version of it a release, so none is named.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 modelguard
# From the wheels alone, of which each is there once.
# hadolint ignore=DL3013
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --disable-pip-version-check --no-index --find-links /wheels modelguard-scanner
USER 10001
WORKDIR /scan
ENTRYPOINT ["modelguard"]
CMD ["scan", "."]
