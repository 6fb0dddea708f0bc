<?php
declare(strict_types=1);

/** Redis is away, or is not what its name says. The message is for people. */
final class Unavailable extends RuntimeException
{
}

/** The entries: written to the master, read from the replica, newest first. */
final class Guestbook
{
    public const TEXT_MAX = 500;
    public const NAME_MAX = 60;
    private const KEY = 'guestbook';
    private const SHOWN = 100;
    private const KEPT = 1000;
    private const TIMEOUT_S = 0.5;
    private const REPLICA_WAIT_MS = 100;

    /** Returns the number of entries kept. */
    public function add(string $name, string $text): int
    {
        $entry = json_encode(
            ['name' => $name, 'text' => $text, 'at' => gmdate('Y-m-d\TH:i:s\Z')],
            JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE
        );
        return $this->with('redis-master', function (Redis $redis) use ($entry): int {
            $redis->lPush(self::KEY, $entry);
            $redis->lTrim(self::KEY, 0, self::KEPT - 1);
            // Whoever writes wants to see it on the next page, and that page reads the replica.
            $redis->rawCommand('WAIT', 1, self::REPLICA_WAIT_MS);
            return $redis->lLen(self::KEY);
        });
    }

    /** Returns a list of arrays with name, text and at (UTC). */
    public function entries(): array
    {
        $lines = $this->with(
            'redis-slave',
            fn (Redis $redis): array => $redis->lRange(self::KEY, 0, self::SHOWN - 1)
        );
        return array_map($this->entry(...), $lines);
    }

    /** Anybody may write to Redis: what is not a text in it reads as an empty one. */
    private function entry(string $line): array
    {
        $found = json_decode($line, true);
        $entry = [];
        foreach (['name', 'text', 'at'] as $key) {
            $entry[$key] = is_string($found[$key] ?? null) ? $found[$key] : '';
        }
        return $entry;
    }

    private function with(string $host, callable $work): mixed
    {
        $redis = new Redis();
        try {
            if (!@$redis->connect($host, 6379, self::TIMEOUT_S, null, 0, self::TIMEOUT_S)) {
                throw new RedisException('no connection');
            }
            $result = $work($redis);
            if ($result === false) {
                throw new RedisException($redis->getLastError() ?? 'no answer');
            }
            return $result;
        } catch (RedisException $error) {
            error_log("$host: " . $error->getMessage());
            throw new Unavailable("$host does not answer (" . $error->getMessage() . ')');
        }
    }
}
