package dev.herald.bench.net;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The one thread that all clients live on. What fails there by itself fails whoever waits for it next. */
public final class Loop implements AutoCloseable {
    private static final long SECOND = 1_000_000_000L;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** Something that goes on until it is ended. */
    @FunctionalInterface
    public interface Ticking {
        void end();
    }

    EventLoop events() {
        return loop;
    }

    /** Runs it there and waits for the answer. */
    public <T> T call(Callable<T> work) {
        return get(loop.submit(work));
    }

    public void run(Runnable work) {
        get(loop.submit(work));
    }

    /** Whether the caller is on it. */
    public boolean isHere() {
        return loop.inEventLoop();
    }

    /** Runs it there and does not wait. */
    public void soon(Runnable work) {
        loop.execute(() -> guard(work));
    }

    /** Runs it there once, after so long. */
    public void later(Duration delay, Runnable work) {
        loop.schedule(() -> guard(work), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Runs it there so many times a second, whatever else happens: when the thread was late, as often as it is behind.
     *
     * @param work told when it was due, of {@link System#nanoTime}
     */
    public Ticking steadily(int perSecond, LongConsumer work) {
        Ticker ticker = new Ticker(perSecond, work);
        Future<?> ticking = loop.scheduleAtFixedRate(() -> guard(ticker), 1, 1, TimeUnit.MILLISECONDS);
        return () -> ticking.cancel(false);
    }

    /** Lets time pass on the calling thread. */
    public void pause(Duration time) {
        get(loop.schedule(() -> true, time.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void guard(Runnable work) {
        try {
            work.run();
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    private <T> T get(Future<T> future) {
        try {
            T value = future.get();
            Throwable failed = failure.get();
            if (failed != null) {
                throw new IllegalStateException("the driver failed", failed);
            }
            return value;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Ticker implements Runnable {
        private final int perSecond;
        private final LongConsumer work;
        private final long begun = System.nanoTime();
        private long done;

        Ticker(int perSecond, LongConsumer work) {
            this.perSecond = perSecond;
            this.work = work;
        }

        @Override
        public void run() {
            long now = System.nanoTime();
            for (long due = due(); due <= now; due = due()) {
                done++;
                work.accept(due);
            }
        }

        private long due() {
            return begun + done * SECOND / perSecond;
        }
    }
}
