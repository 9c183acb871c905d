# PRM for production: gunicorn by default; workers and beat are the same image with another command (compose.yaml).

FROM node:22-slim AS front
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
# Static files are collected from it, and icons are read from it.
COPY --from=front /app/node_modules ./node_modules
COPY manage.py pyproject.toml ./
COPY prm ./prm
COPY partners ./partners
COPY orders ./orders
COPY activities ./activities
COPY templates ./templates
ENV STATIC_ROOT=/app/static MEDIA_ROOT=/data/uploads PRM_HOME=/data
# A key that signs nothing, and servers that are never asked: collecting files needs settings, not secrets.
RUN SECRET_KEY=build DATABASE_URL=postgresql:///build REDIS_URL=redis://build \
    python manage.py collectstatic --noinput --verbosity 0 \
    && useradd --uid 10001 --no-create-home prm \
    && mkdir -p /data/uploads && chown -R prm /data
USER prm
VOLUME /data
EXPOSE 8000
# Answered under any name and without TLS, whatever ALLOWED_HOSTS and HTTPS say (prm/api/middleware.py).
HEALTHCHECK --start-period=30s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["gunicorn", "prm.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "8", "--no-control-socket", "--access-logfile", "-"]
