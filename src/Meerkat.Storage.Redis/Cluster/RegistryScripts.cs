namespace Meerkat.Storage.Redis.Cluster;

/// <summary>The steps of <see cref="RedisSessionRegistry"/>, each atomic in the server.</summary>
/// <remarks>
/// An account is a hash: <c>v</c> its version, <c>s:resource</c> a session, <c>h:node</c> a holder of a copy. A session is text: order, revision (both of fixed width, so that they compare as text: numbers
/// of scripts are not exact enough), node, and the record, in lines. <c>cn:node</c> is the set of a node's sessions, <c>cn</c> that of the nodes.
/// </remarks>
internal static class RegistryScripts
{
    private const string Common = """
        local function parts(value) return string.match(value, '^(%d+)\n(%d+)\n([^\n]*)\n') end
        local function bump(key)
            local time = redis.call('TIME')
            local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
            local last = tonumber(redis.call('HGET', key, 'v') or '0')
            if now <= last then now = last + 1 end
            redis.call('HSET', key, 'v', string.format('%.0f', now))
        end
        local function leave(node, member)
            redis.call('SREM', 'cn:' .. node, member)
            if redis.call('SCARD', 'cn:' .. node) == 0 then redis.call('SREM', 'cn', node) end
        end
        local function forget(key)
            if redis.call('HLEN', key) <= 1 then redis.call('DEL', key) end
        end

        """;

    /// <summary>Account; resource, order, revision, node, session, member, again. Replaced session or empty, then the account.</summary>
    public const string Bind = Common + """
        local resource, order, revision, node = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
        local old, replaced = redis.call('HGET', KEYS[1], resource), ''
        redis.call('HSET', KEYS[1], 'h:' .. node, '1')
        if old then
            local o, r, n = parts(old)
            if o == order and n == node then
                if r >= revision then return { '', redis.call('HGETALL', KEYS[1]) } end
            elseif ARGV[7] == '1' and o > order then
                return { '', redis.call('HGETALL', KEYS[1]) }
            else
                replaced = old
                leave(n, ARGV[6])
            end
        end
        redis.call('HSET', KEYS[1], resource, ARGV[5])
        redis.call('SADD', 'cn:' .. node, ARGV[6])
        redis.call('SADD', 'cn', node)
        bump(KEYS[1])
        return { replaced, redis.call('HGETALL', KEYS[1]) }
        """;

    /// <summary>Account; resource, order, revision, node, session. The account; nothing when the session is not there.</summary>
    public const string Update = Common + """
        local old = redis.call('HGET', KEYS[1], ARGV[1])
        if not old then return false end
        local o, r, n = parts(old)
        if o ~= ARGV[2] or n ~= ARGV[4] then return false end
        if r < ARGV[3] then
            redis.call('HSET', KEYS[1], ARGV[1], ARGV[5])
            bump(KEYS[1])
        end
        return redis.call('HGETALL', KEYS[1])
        """;

    /// <summary>Account; resource, order, node, member. The account, though the session is not there; nothing when there is none.</summary>
    public const string Unbind = Common + """
        if redis.call('EXISTS', KEYS[1]) == 0 then return false end
        local old = redis.call('HGET', KEYS[1], ARGV[1])
        if old then
            local o, r, n = parts(old)
            if o == ARGV[2] and n == ARGV[3] then
                redis.call('HDEL', KEYS[1], ARGV[1])
                leave(n, ARGV[4])
                bump(KEYS[1])
            end
        end
        local now = redis.call('HGETALL', KEYS[1])
        forget(KEYS[1])
        return now
        """;

    /// <summary>Account; node. The account.</summary>
    public const string Find = Common + """
        redis.call('HSET', KEYS[1], 'h:' .. ARGV[1], '1')
        if redis.call('HEXISTS', KEYS[1], 'v') == 0 then bump(KEYS[1]) end
        return redis.call('HGETALL', KEYS[1])
        """;

    /// <summary>Accounts; node.</summary>
    public const string Release = Common + """
        for _, key in ipairs(KEYS) do
            redis.call('HDEL', key, 'h:' .. ARGV[1])
            forget(key)
        end
        return true
        """;

    /// <summary>None; node, how many, the beginning of accounts' keys. Sessions.</summary>
    public const string TakeLost = Common + """
        local lost, left = {}, tonumber(ARGV[2])
        while left > 0 do
            local member = redis.call('SPOP', 'cn:' .. ARGV[1])
            if not member then break end
            local account, resource = string.match(member, '^([^\n]*)\n(.*)$')
            local key = ARGV[3] .. account
            local session = redis.call('HGET', key, resource)
            if session then
                local o, r, n = parts(session)
                if n == ARGV[1] then
                    redis.call('HDEL', key, resource)
                    bump(key)
                    lost[#lost + 1] = session
                    left = left - 1
                end
            end
            redis.call('HDEL', key, 'h:' .. ARGV[1])
            forget(key)
        end
        if redis.call('SCARD', 'cn:' .. ARGV[1]) == 0 then redis.call('SREM', 'cn', ARGV[1]) end
        return lost
        """;
}
