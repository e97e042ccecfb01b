#!/usr/bin/env bash
# Talks to the Meerkat server that runs: the program meerkatctl, built where that is needed.
#
#   ./ctl                                            what there is
#   ./ctl account registerUser --domain localhost --username alice --password secret
#   ./ctl --table session listSessions               as a table, for people
exec "$(dirname "${BASH_SOURCE[0]}")/run" ctl "$@"
