# `make run` starts the demo; `make test` runs every test. Both install what is missing.
# `make release` builds what runs fastest.
.PHONY: run test release setup

# A shell opened before Rust was installed does not have its programs yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

# Of the set-up, only what running needs: no browser, no test runner.
run: PARTS = run
run: setup
	cargo build --release --locked --bin chasqui
	@exec target/release/chasqui demo

test: setup
	@.ci/test

# Server and load tester as they go into production: laid out by what messages were seen to run
# (.ci/profile), which takes up to a tenth less processor time a message while the profile is new.
release: PARTS = run
release: setup
	CHASQUI_PROFILED=1 RUSTFLAGS="$$RUSTFLAGS --cfg tokio_unstable -C profile-use=$(CURDIR)/.ci/release.profdata" \
		cargo build --release --locked --bin chasqui --bin chasqui-loadtest --target-dir target/profiled
	@echo "built: target/profiled/release/chasqui, chasqui-loadtest"

# Everything that either command needs; starts nothing.
PARTS = test
setup:
	@.ci/setup $(PARTS)
