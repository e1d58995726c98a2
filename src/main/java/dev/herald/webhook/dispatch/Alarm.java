package dev.herald.webhook.dispatch;

import io.vertx.core.Vertx;
import java.time.Duration;

/** One timer for whoever asks first: of several wishes only the earliest stands. Used on one context. */
public final class Alarm {
    private final Vertx vertx;
    private final Runnable action;
    private boolean set;
    private long timer;
    private long dueNanos;

    public Alarm(Vertx vertx, Runnable action) {
        this.vertx = vertx;
        this.action = action;
    }

    public void ringIn(Duration delay) {
        long due = System.nanoTime() + delay.toNanos();
        if (set && dueNanos - due <= 0) {
            return;
        }
        cancel();
        set = true;
        dueNanos = due;
        timer = vertx.setTimer(Math.max(1, delay.toMillis()), id -> {
            set = false;
            action.run();
        });
    }

    public void cancel() {
        if (set) {
            vertx.cancelTimer(timer);
            set = false;
        }
    }
}
