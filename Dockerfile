# yanbao in one `docker run`: the sample reports are indexed at build time, so that the container
# answers at once, without a network, as a numeric user, on a read-only root:
#   docker build -t yanbao .
#   docker run --rm --read-only --tmpfs /tmp -p 127.0.0.1:8000:8000 yanbao
# scripts/rehearse_dockerfile.py runs these very steps in a temporary folder where no engine is.
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
# Passed to pip as they are; name the CPU index of PyTorch here to leave NVIDIA's packages out.
ARG YANBAO_PIP_ARGS=""
WORKDIR /src
RUN python3 -m venv /opt/yanbao
# What changes seldom comes first: edits to the code reuse this layer.
COPY pyproject.toml constraints.txt ./
RUN /opt/yanbao/bin/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt
RUN /opt/yanbao/bin/python -m pip install --no-cache-dir --disable-pip-version-check -qq -c constraints.txt ${YANBAO_PIP_ARGS} -r requirements.txt
COPY README.md LICENSE THIRD_PARTY.md yanbao.py ./
COPY corpus ./corpus
COPY indexer ./indexer
COPY service ./service
COPY eval ./eval
RUN /opt/yanbao/bin/python -m pip install --no-cache-dir --disable-pip-version-check -qq --no-deps .
RUN /opt/yanbao/bin/yanbao index corpus/reports --index /var/lib/yanbao/index

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/yanbao /opt/yanbao
COPY --from=build --chown=10001:10001 /var/lib/yanbao /var/lib/yanbao
# Inside a container every caller comes from another address: whom the published port lets in
# decides who may read, so reads are open here and `-p 127.0.0.1:…` keeps them on this machine.
ENV PATH=/opt/yanbao/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1 \
    TRANSFORMERS_OFFLINE=1 \
    YANBAO_INDEX=/var/lib/yanbao/index \
    YANBAO_STORE=/var/lib/yanbao/store.sqlite3 \
    YANBAO_HOST=0.0.0.0 \
    YANBAO_PORT=8000 \
    YANBAO_OPEN_READS=true
WORKDIR /var/lib/yanbao
# A number needs no entry in /etc/passwd and lets Kubernetes see that it is not root.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["python3", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['YANBAO_PORT']), timeout=2); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
CMD ["yanbao", "serve"]
