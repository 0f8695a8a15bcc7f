# `make run` starts the demo; `make test` runs every test. Both install what is missing.
.PHONY: run test setup

# A shell opened before Rust was installed does not have its programs yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

# Of the set-up, only what running needs: no browser, no test runner.
run: PARTS = run
run: setup
	cargo build --release --locked --bin chasqui
	@exec target/release/chasqui demo

test: setup
	@.ci/test

# Everything that either command needs; starts nothing.
PARTS = test
setup:
	@.ci/setup $(PARTS)
