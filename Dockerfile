# docextract for machines that run containers; docs/containers.md says how it is built and run.
#   docker build -t docextract .                           text engine, OCR, and models on a CPU
#   docker build -t docextract --build-arg TORCH=cu128 .   models on an NVIDIA GPU
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG TORCH=cpu
RUN python -m venv /opt/docextract
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY constraints constraints
COPY schemas schemas
COPY docextract docextract
# The versions that were tested together; torch's own index has its wheels for each kind of machine.
RUN /opt/docextract/bin/pip install --no-cache-dir -c constraints/newest.txt \
    --extra-index-url https://download.pytorch.org/whl/${TORCH} .

FROM python:${PYTHON}-slim
COPY --from=build /opt/docextract /opt/docextract
# Nothing is written outside /tmp and what is mounted, so the root may be read-only.
ENV PATH=/opt/docextract/bin:$PATH \
    HOME=/tmp \
    HF_HOME=/models \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
CMD ["docextract", "--help"]
