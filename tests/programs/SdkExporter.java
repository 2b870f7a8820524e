// SPDX-FileCopyrightText: 2026 logtap contributors
// SPDX-License-Identifier: Apache-2.0
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * An application with OpenTelemetry's SDK for Java, to which all goes that is logged by
 * java.util.logging, also what the exporter's HTTP client says.
 *
 *     java -cp SDK SdkExporter.java URL FOLDER
 *
 * It logs whenever FOLDER/say is there, until FOLDER/end is.
 */
class SdkExporter {
    static class Bridge extends Handler {
        final io.opentelemetry.api.logs.Logger logger;

        Bridge(SdkLoggerProvider provider) {
            logger = provider.get("application");
        }

        @Override
        public void publish(LogRecord record) {
            logger.logRecordBuilder()
                .setBody(new SimpleFormatter().formatMessage(record))
                .setSeverityText(record.getLevel().getName())
                .emit();
        }

        @Override
        public void flush() {
        }

        @Override
        public void close() {
        }
    }

    public static void main(String[] words) throws Exception {
        OtlpHttpLogRecordExporter exporter =
            OtlpHttpLogRecordExporter.builder().setEndpoint(words[0] + "/v1/logs").build();
        SdkLoggerProvider provider =
            SdkLoggerProvider.builder()
                .addLogRecordProcessor(BatchLogRecordProcessor.builder(exporter)
                                           .setScheduleDelay(Duration.ofMillis(200))
                                           .build())
                .build();
        Logger root = Logger.getLogger("");
        root.addHandler(new Bridge(provider));
        for (Handler handler : root.getHandlers())
            handler.setLevel(Level.ALL);
        Logger logger = Logger.getLogger("application");
        logger.info("application begins");
        Path folder = Path.of(words[1]);
        for (int said = 0; !Files.exists(folder.resolve("end")); Thread.sleep(20))
            if (Files.exists(folder.resolve("say")))
                logger.info("application says " + ++said);
        System.exit(0); // the client's threads would go on
    }
}
