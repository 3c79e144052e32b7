# For scenarios that run the example's image again and again: it is built once, and the configuration names it.

if ! docker image inspect flask-app >/dev/null 2>&1; then
    docker build --quiet --tag flask-app app >/dev/null || fail "the image cannot be built"
    stock=$(inventory)
fi
sed 's/^build = "."$/image = "flask-app"/' app/aalint.toml >app/image.toml
grep -q '^image = ' app/image.toml || fail "the example's configuration has changed"
verify_image="aalint verify app --config app/image.toml --tier c"
