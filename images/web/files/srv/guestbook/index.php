<?php
declare(strict_types=1);
require __DIR__ . '/guestbook.inc.php';

// In a browser a page; with ?cmd=get or ?cmd=set&value=TEXT[&name=NAME] the same as JSON.

/** A field of the form, trimmed and cut; what is not UTF-8 can be neither kept nor shown. */
function field(string $key, int $length_max): string
{
    $value = $_POST[$key] ?? $_GET[$key] ?? '';
    $value = is_string($value) ? trim($value) : '';
    if (!preg_match('//u', $value)) {
        $value = htmlspecialchars_decode(htmlspecialchars($value, ENT_QUOTES | ENT_SUBSTITUTE));
    }
    return preg_match("/^.{0,$length_max}/su", $value, $match) ? $match[0] : '';
}

function h(string $value): string
{
    return htmlspecialchars($value, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function answer_json(Guestbook $book): never
{
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    $value = field('value', Guestbook::TEXT_MAX);
    $name = field('name', Guestbook::NAME_MAX);
    try {
        $answer = match (true) {
            $_GET['cmd'] === 'get' => ['ok' => true, 'entries' => $book->entries()],
            $_GET['cmd'] !== 'set' => ['ok' => false, 'error' => 'cmd is either get or set'],
            $value === '' => ['ok' => false, 'error' => 'value is missing'],
            default => ['ok' => true, 'count' => $book->add($name, $value)],
        };
        http_response_code($answer['ok'] ? 200 : 400);
    } catch (Unavailable $error) {
        http_response_code(503);
        $answer = ['ok' => false, 'error' => $error->getMessage()];
    }
    echo json_encode($answer, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
    exit;
}

$book = new Guestbook();
if (isset($_GET['cmd'])) {
    answer_json($book);
}

$problems = [];
$entries = [];
$name = field('name', Guestbook::NAME_MAX);
$text = field('text', Guestbook::TEXT_MAX);
if ($_SERVER['REQUEST_METHOD'] === 'POST' && $text !== '') {
    try {
        $book->add($name, $text);
        header('Location: ./', true, 303);
        exit;
    } catch (Unavailable $error) {
        $problems[] = 'Your entry could not be saved: ' . $error->getMessage()
            . '. Please send it again in a moment.';
    }
}
try {
    $entries = $book->entries();
} catch (Unavailable $error) {
    $problems[] = 'The entries cannot be read: ' . $error->getMessage() . '.';
}
if ($problems !== []) {
    http_response_code(503);
}
header('Cache-Control: no-store');
header("Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'");
?>
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Guestbook</title>
<style>
:root { color-scheme: light dark; --line: #8884; --accent: #2563eb; --bad: #b91c1c; }
* { box-sizing: border-box; }
body { max-width: 40rem; margin: 0 auto; padding: 2rem 1rem; font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 1rem; }
form { display: grid; gap: .6rem; margin-bottom: 2rem; }
label { display: grid; gap: .2rem; font-size: .9rem; }
input, textarea, button { font: inherit; padding: .5rem .7rem; border-radius: .4rem; }
input, textarea { border: 1px solid var(--line); }
button { justify-self: start; border: 0; background: var(--accent); color: #fff; cursor: pointer; }
.problem { padding: .7rem 1rem; border-left: .3rem solid var(--bad); background: #b91c1c1a; }
ol { list-style: none; margin: 0; padding: 0; }
li { padding: .8rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
li p { margin: 0; white-space: pre-line; }
small, footer { opacity: .7; font-size: .85rem; }
footer { margin-top: 2rem; }
</style>
</head>
<body>
<main>
<h1>Guestbook</h1>
<?php foreach ($problems as $problem): ?>
<p class="problem" role="alert"><?= h($problem) ?></p>
<?php endforeach ?>
<form method="post" action="./">
<label>Name (may stay empty)
<input name="name" maxlength="<?= Guestbook::NAME_MAX ?>" value="<?= h($name) ?>"></label>
<label>Entry
<textarea name="text" rows="3" maxlength="<?= Guestbook::TEXT_MAX ?>" required>
<?= h($text) ?></textarea></label>
<button>Submit</button>
</form>
<?php if ($entries === [] && $problems === []): ?>
<p>No entries yet. Yours can be the first.</p>
<?php endif ?>
<ol>
<?php foreach ($entries as $entry): ?>
<li>
<p><?= h($entry['text']) ?></p>
<small><?= h($entry['name'] ?: 'Anonymous') ?> ·
<?= h(strtr($entry['at'], ['T' => ' ', 'Z' => ' UTC'])) ?></small>
</li>
<?php endforeach ?>
</ol>
</main>
<footer>Written to redis-master, read from redis-slave,
served by <?= h((string) gethostname()) ?>.</footer>
</body>
</html>
