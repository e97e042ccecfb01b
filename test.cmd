#!/usr/bin/env bash
# Builds everything once, without a warning, and runs every test. The last line is "N passed, N failed, N skipped".
#
#   ./test                       every test
#   ./test Meerkat.Xml.Tests     the tests of some projects
#   ./test --filter Roster       the tests whose full name (namespace, class, method) contains a text
#   ./test --no-skip             a test that cannot run for want of a program fails (also MEERKAT_TEST_NO_SKIP=1)
#   ./test --no-install          installs nothing, even as root on Debian
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

readonly results=$PWD/artifacts/test-results
readonly at_once=2               # more would only disturb the tests that measure time
readonly minutes_for_a_project=15

# Debian's names of what the tests use beside the .NET SDK.
readonly packages=(
    python3                                  # oracles of the stringprep tests, scripts of the interop tests
    idn                                      # the other oracle of the stringprep tests
    openssl sqlite3                          # oracles of the TLS and storage tests
    python3-slixmpp python3-aioxmpp          # client libraries
    profanity tmux go-sendxmpp sendxmpp      # client programs, and the terminal for one of them
    chromium chromium-driver python3-selenium fonts-dejavu-core  # the web client
)

no_skip=${MEERKAT_TEST_NO_SKIP:-0}
install=1
projects=()
runner_arguments=(-noColor -noLogo)
filtered=0
passed=0 failed=0 skipped=0

main() {
    read_arguments "$@"
    mkdir -p "$results" && rm -f "$results"/*
    export HOME=${HOME:-$results/home} DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false MSBUILDDISABLENODEREUSE=1
    install_packages
    build
    run_all
    count_all
    finish
}

read_arguments() {
    while (($#)); do
        case $1 in
            --no-skip) no_skip=1 ;;
            --no-install) install=0 ;;
            --filter) [[ ${2:-} ]] || refuse "--filter wants a text"; runner_arguments+=(-method "*$2*"); filtered=1; shift ;;
            --help | -h) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
            -*) refuse "unknown option $1; see ./test --help" ;;
            *) projects+=("$(basename "${1%/}" .csproj)") ;;
        esac
        shift
    done

    if [[ $no_skip == 1 ]]; then
        export MEERKAT_TEST_NO_SKIP=1
        runner_arguments+=(-failSkips)
    fi

    local found
    mapfile -t found < <(find . -name "*.Tests.csproj" -not -path "./artifacts/*" -printf '%f\n' | sed 's/\.csproj$//' | LC_ALL=C sort)
    # The ones that mostly wait for other programs go first, beside one that computes.
    ((${#projects[@]})) || projects=($(printf '%s\n' "${found[@]}" | grep -F Interop) $(printf '%s\n' "${found[@]}" | grep -vF Interop))
    local project
    for project in "${projects[@]}"; do
        [[ " ${found[*]} " == *" $project "* ]] || refuse "no test project $project; there are: ${found[*]}"
    done
}

refuse() {
    echo "$1" >&2
    exit 2
}

# As root on Debian the missing packages are installed; otherwise they are named, and the tests that want them skip and say so.
install_packages() {
    command -v dpkg-query >/dev/null || { echo "Not on Debian: tests whose programs are missing are skipped."; return; }
    local missing=() package
    for package in "${packages[@]}"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    command -v npm >/dev/null || missing+=(nodejs npm) # the build brings the web client in with them; not always Debian's own
    ((${#missing[@]})) || return

    if ((EUID != 0 || !install)); then
        echo "Not installed, so that the tests that want them are skipped: ${missing[*]}"
        echo "As root: apt-get install --no-install-recommends ${missing[*]}"
        return
    fi

    echo "Installing ${missing[*]} ..."
    if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } </dev/null >"$results/apt.log" 2>&1; then
        tail -n 20 "$results/apt.log"
        echo "apt-get failed ($results/apt.log); the tests that want these programs are skipped."
    fi
}

build() {
    if ! dotnet --version >"$results/sdk.log" 2>&1; then
        cat "$results/sdk.log"
        echo "The .NET 10 SDK is needed (global.json says which); see README.md."
        ((failed++))
        finish
    fi

    echo "Building with the .NET SDK $(cat "$results/sdk.log") ..."
    if ! dotnet build Meerkat.slnx -c Release -v q -nologo -warnaserror -warnnotaserror:MEERKAT0001 </dev/null >"$results/build.log" 2>&1; then
        grep -E '(error|warning) ?[A-Z]*[0-9]*:' "$results/build.log" | sort -u | head -n 40 || tail -n 40 "$results/build.log"
        echo "The build failed ($results/build.log)."
        ((failed++))
        finish
    fi
    grep -oE 'Web chat: [^[]*' "$results/build.log" | sort -u # the page is left out where Node.js is missing
}

run_all() {
    local project
    for project in "${projects[@]}"; do
        while (($(jobs -rp | wc -l) >= at_once)); do
            wait -n
        done
        run "$project" &
    done
    wait
}

run() {
    local began=$SECONDS program=artifacts/bin/$1/release/$1 code
    timeout --kill-after=20 "${minutes_for_a_project}m" "$program" "${runner_arguments[@]}" -result-xml "$results/$1.xml" </dev/null >"$results/$1.log" 2>&1
    code=$?
    echo "$code $((SECONDS - began))" >"$results/$1.end"
    echo "  $1 $([[ $code == 0 ]] && echo done || echo "ended with $code") after $((SECONDS - began)) s"
}

# Counts by the result files. A project that crashed, hung, was not built or ran no test is a failure, whatever it has counted.
count_all() {
    local project
    for project in "${projects[@]}"; do
        local summary code total=0 bad=0 problem=
        summary=$(grep -o '<assembly [^>]*>' "$results/$project.xml" 2>/dev/null | head -n 1)
        read -r code _ <"$results/$project.end"
        if [[ $summary ]]; then
            total=$(attribute total) bad=$(($(attribute failed) + $(attribute errors)))
            ((passed += $(attribute passed), failed += bad, skipped += $(attribute skipped)))
        fi

        if [[ $code == 124 || $code == 137 ]]; then
            problem="was stopped after $minutes_for_a_project minutes"
        elif [[ ! $summary ]]; then
            problem="left no results"
        elif ((code != 0 && bad == 0)); then
            problem="ended with $code though no test failed"
        elif ((total == 0 && !filtered)); then
            problem="ran no test"
        fi

        if [[ $problem ]]; then
            ((failed++))
        fi
        if [[ $problem ]] || ((bad)); then
            echo
            echo "=== $project ${problem:-failed} ($results/$project.log)"
            # The framework's own frames of a stack tell nobody anything.
            grep -vE '^ +at (System|Microsoft|Xunit)\.|^ +--- End of stack trace' "$results/$project.log" | head -n 400
        elif grep -qF '[SKIP]' "$results/$project.log"; then
            echo
            echo "=== skipped in $project"
            grep -F -A 1 '[SKIP]' "$results/$project.log" | grep -vxF -- --
        fi
    done

    if ((filtered && passed + failed + skipped == 0)); then
        echo "No test has that name."
        ((failed++))
    fi
}

attribute() {
    local value
    value=$(sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$summary")
    echo "${value:-0}"
}

finish() {
    echo
    echo "$passed passed, $failed failed, $skipped skipped"
    exit $((failed > 0))
}

main "$@"
