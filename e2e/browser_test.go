package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is one window of Debian's Chromium, with a profile of its own that is gone after the test.
type browser struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // the window's life
}

// openBrowser starts Chromium. It makes no requests of its own, and speaks the language that is asked for.
func openBrowser(t *testing.T, language string, width, height int) *browser {
	t.Helper()
	path := "chromium"
	allocator, endAllocator := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-default-apps", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("accept-lang", language), chromedp.Flag("lang", language),
	)
	t.Cleanup(endAllocator)
	return newBrowser(t, allocator, width, height)
}

// another opens a further window of the same Chromium that shares nothing with the first: no cookie, no storage.
func (b *browser) another(width, height int) *browser {
	b.t.Helper()
	return newBrowser(b.t, b.ctx, width, height, chromedp.WithNewBrowserContext())
}

func newBrowser(t *testing.T, parent context.Context, width, height int, o ...chromedp.ContextOption) *browser {
	t.Helper()
	ctx, endWindow := chromedp.NewContext(parent, o...)
	b := &browser{t, ctx}
	t.Cleanup(endWindow)
	err := chromedp.Listen(ctx, func(e any) {
		if thrown, ok := e.(*runtime.EventExceptionThrown); ok {
			t.Errorf("the page's script failed: %+v", thrown.ExceptionDetails)
		}
	})
	if err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	b.do(chromedp.EmulateViewport(int64(width), int64(height)))
	return b
}

// patience is how long a browser may take for anything: on a busy machine with twenty pages open, half a minute is nothing.
const patience = time.Minute

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	act(b, chromedp.Steps(actions...))
}

func act[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return result
}

// signIn fills the form in as a hurried agent does: with the keyboard alone.
func (b *browser) signIn(url, extension, token string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url), visible("form"), chromedp.KeyEvent(extension+"\t"+token+"\r"),
		visible("#link[data-state=connected]"))
}

// evaluate gives the value of an expression in the page, of a promise too.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	return act(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

func visible(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

// text is what a reader sees of an element; empty when it is not there.
func (b *browser) text(selector string) string {
	b.t.Helper()
	return evaluate[string](b, fmt.Sprintf("document.querySelector(%s)?.innerText ?? ''", quoted(selector)))
}

// shows waits until an element's text holds all words, and gives the time on the browser's clock when it did.
func (b *browser) shows(within time.Duration, selector string, words ...string) time.Time {
	b.t.Helper()
	list, err := json.Marshal(words)
	if err != nil {
		b.t.Fatal(err)
	}
	at := evaluate[float64](b, fmt.Sprintf(`new Promise((done) => {
		const look = () => {
			const text = document.querySelector(%s)?.innerText ?? "";
			if (!%s.every((w) => text.includes(w))) return;
			watch.disconnect();
			done(Date.now());
		};
		const watch = new MutationObserver(look);
		watch.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
		setTimeout(() => { watch.disconnect(); done(0); }, %d);
		look();
	})`, quoted(selector), list, within.Milliseconds()))
	if at == 0 {
		b.t.Fatalf("not within %v: %q in %q", within, words, b.text(selector))
	}
	return time.UnixMilli(int64(at))
}

func quoted(s string) string {
	q, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(q)
}

// picture writes a screenshot where SIPID_SCREENSHOTS says, as scripts/screenshots does; otherwise none.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("SIPID_SCREENSHOTS")
	if dir == "" {
		return
	}
	png := act(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// holdsNot fails for a word that a page must not hold.
func (b *browser) holdsNot(words ...string) {
	b.t.Helper()
	page := b.text("body")
	for _, w := range words {
		if strings.Contains(page, w) {
			b.t.Errorf("the page shows %q", w)
		}
	}
}
