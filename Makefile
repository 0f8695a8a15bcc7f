# `make run` starts the demo; `make test` runs every test. Both install what is missing.
.PHONY: run test setup

# A shell opened before Rust was installed does not have its programs yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

run:
	@.ci/setup run
	cargo build --release --locked
	@exec target/release/chasqui demo

test:
	@.ci/setup test
	@.ci/test

# Everything that either command or the checks of .ci/run would install; starts nothing.
setup:
	@.ci/setup checks
