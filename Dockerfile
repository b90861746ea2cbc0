FROM python:3.11-slim AS build

ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never
WORKDIR /srv/sportello

# The dependencies are a layer of their own: it changes with the lock file, not with the code.
COPY pyproject.toml uv.lock ./
RUN pip install --no-cache-dir \
      "uv==$(sed -n '/^name = "uv"$/{n;s/^version = "\(.*\)"$/\1/p;}' uv.lock)" \
    && uv sync --frozen --no-dev --no-install-project
COPY . .
RUN uv sync --frozen --no-dev


FROM python:3.11-slim

ENV PATH=/srv/sportello/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1
WORKDIR /srv/sportello

RUN useradd --system --home-dir /srv/sportello --shell /usr/sbin/nologin sportello
COPY --from=build /srv/sportello /srv/sportello
# A named volume takes over the owner of the folder it is mounted on.
RUN install -d -o sportello -g sportello var var/files

USER sportello
EXPOSE 8000
CMD ["python", "-m", "app", "serve"]
