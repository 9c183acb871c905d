# PRM's commands. `make demo` and `make test` need Python 3.11 or newer, make and a package index;
# what they do is in prm/local/.

# The first Python that is new enough; PYTHON=/path/to/python make demo takes another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
PORT ?= 8000
HOST ?= 127.0.0.1
export PORT HOST
# Images often forbid Python to keep what it has compiled; here hundreds of processes would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

BOOTSTRAP = $(or $(PYTHON),$(error PRM needs Python 3.11 or newer, and none was found. Name one: PYTHON=/path/to/python make $@)) \
	prm/local/bootstrap.py
PY = .venv/bin/python
# Tests have a database of their own, which need not survive a power cut.
TESTS = PRM_HOME="$(CURDIR)/.local/test" PRM_PG_FSYNC=off

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-any-day lint types migrations pytest crawl security calibrate clients soak soak-orders soak-salesforce bench fmt clean reset lock

help:  ## this list
	@sed -n 's/^\([a-z-]*\):  *## */\1|/p' Makefile | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

setup:  ## installs everything and prepares the database, without starting anything
	@$(BOOTSTRAP)
	@$(PY) -m prm.local.prepare

demo:  ## two demo tenants, web, worker and a sandbox Salesforce org; Ctrl-C stops all (PORT=9000 for another port)
	@$(BOOTSTRAP) --port "$(PORT)"
	@exec $(PY) -m prm.local.supervisor

test:  ## everything that is checked: style, types, import rules, migrations, tests
	@$(BOOTSTRAP) --dev
	@# One failing check does not hide what the others find; those of one process each run side by side.
	@failed=; $(MAKE) --no-print-directory --keep-going -j2 lint types migrations || failed=1; \
		$(MAKE) --no-print-directory pytest || failed=1; test -z "$$failed"

migrations:  ## whether a migration is missing
	@$(BOOTSTRAP) --dev
	$(TESTS) $(PY) manage.py makemigrations --check --dry-run

pytest:  ## the tests alone; ARGS="tests/orders -x" for some of them
	@$(BOOTSTRAP) --dev
	$(TESTS) $(PY) -m pytest $(or $(ARGS),-n 2) -rfEs

crawl:  ## every page of every role in a browser: axe and overflow in eight widths, light and dark
	@$(BOOTSTRAP) --dev
	PRM_CRAWL=1 $(TESTS) $(PY) -m pytest tests/browser/test_widths.py -rfEs -s

security:  ## the API by made-up requests as every role and key, bandit over the code, the crawl; counts at the end
	@$(BOOTSTRAP) --dev
	PRM_SECURITY=1 PRM_CRAWL=1 $(TESTS) $(PY) -m pytest $(or $(ARGS),tests/security tests/browser/test_widths.py) -rfEs

calibrate:  ## what the methods promise about chance, in the long form: more partners, other seeds; counts at the end
	@$(BOOTSTRAP) --dev
	PRM_CALIBRATE=1 $(TESTS) $(PY) -m pytest $(or $(ARGS),tests/calibrate tests/partners/alarms tests/partners/standing) -rfEs
clients:  ## jsforce, with which tests try the sandbox org; without it they are skipped
	@$(BOOTSTRAP)
	cd tests/sandbox/clients && npm ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error

soak: soak-orders soak-salesforce  ## both that follow: random work beside a model, until the time is up; counts at the end

soak-orders:  ## random histories of orders beside a model of the rules (HISTORIES=1000 MINUTES=10 STEPS=25); counts at the end
	@$(BOOTSTRAP) --dev
	PRM_SOAK=1 HISTORIES="$(or $(HISTORIES),200)" MINUTES="$(or $(MINUTES),10)" STEPS="$(or $(STEPS),25)" $(TESTS) \
		$(PY) -m pytest tests/orders/histories -rfEs

soak-salesforce:  ## random work on both sides of the Salesforce sync under faults and kills; ARGS="--operations 500 --seed 2" for less
	@$(BOOTSTRAP)
	$(PY) -m bench.soak_salesforce $(ARGS)

test-any-day:  ## the tests as if begun at a random date and hour, which it prints; PRM_TEST_TIME=... repeats one
	@$(BOOTSTRAP) --dev
	@moment="$${PRM_TEST_TIME:-$$($(PY) -c 'import random, datetime as d; \
		print((d.datetime(2026, 12, 1, tzinfo=d.UTC) + d.timedelta(minutes=random.randrange(6 * 365 * 24 * 60))).isoformat())')}"; \
	again="Begun at $$moment; again: PRM_TEST_TIME=$$moment make test-any-day"; echo "$$again"; \
	PRM_TEST_TIME="$$moment" $(MAKE) --no-print-directory pytest || { echo "$$again"; exit 1; }

lint:  ## style and import rules
	@$(BOOTSTRAP) --dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m djlint --check --quiet templates
	$(PY) -m djlint --lint --quiet templates
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

types:  ## strict mypy
	@$(BOOTSTRAP) --dev
	$(PY) -m mypy

bench:  ## the figures of bench/, measured on this machine
	@$(BOOTSTRAP)
	$(PY) -m bench $(ARGS)

fmt:  ## formats the code and the templates
	@$(BOOTSTRAP) --dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	@# It ends with an error when it changed something; then nothing is left to change.
	$(PY) -m djlint --reformat --quiet templates || $(PY) -m djlint --check --quiet templates

clean:  ## removes what was installed and cached, not your data
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .local/static .local/stamps
	find prm partners orders activities tests bench -name __pycache__ -prune -exec rm -rf {} +

reset:  ## removes the local database and everything else under .local
	@$(BOOTSTRAP)
	@$(PY) -m prm.local.reset

lock:  ## pins the newest packages that *.in and package.json allow
	@$(BOOTSTRAP)
	$(PY) -m pip install --quiet uv
	@# No header, no annotations and no addresses: the files say what, not from where.
	for name in requirements requirements-local requirements-dev requirements-node; do \
		$(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
			--no-annotate --no-emit-index-url --no-emit-find-links "$$name.in" --output-file "$$name.txt" || exit 1; done
	npm install --package-lock-only
