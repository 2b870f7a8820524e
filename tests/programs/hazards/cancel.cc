/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that are cancelled while they log: every destructor runs. */
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <pthread.h>
#include <string>
#include <unistd.h>

static std::atomic<int> begun, destroyed;

struct witness {
	int number;
	explicit witness(int given) : number(given)
	{
	}
	~witness()
	{
		dprintf(2, "destroyed %d\n", number);
		destroyed++;
	}
};

static void *log_for_ever(void *argument)
{
	int number = static_cast<int>(reinterpret_cast<long>(argument));
	witness outer(number);
	{
		witness inner(number + 1000);
		begun++;
		for (;;) {
			if (number % 3 == 0)
				fprintf(stdout, "%s", "");
			else if (number % 3 == 1)
				(void)!write(1, "", 0);
			else
				usleep(10);
			pthread_testcancel();
		}
	}
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 100;

	for (int i = 0; i < count; i++) {
		pthread_t thread;
		void *result;
		begun = 0;
		if (pthread_create(&thread, NULL, log_for_ever,
				   reinterpret_cast<void *>((long)i)))
			return 3;
		while (!begun)
			usleep(10);
		std::cerr << "cancelling " + std::to_string(i) + "\n";
		pthread_cancel(thread);
		pthread_join(thread, &result);
		if (result != PTHREAD_CANCELED)
			return 4;
	}
	try {
		throw witness(9999);
	} catch (const witness &caught) {
		std::cerr << "caught " + std::to_string(caught.number) + "\n";
	}
	return destroyed == 2 * count + 1 ? 0 : 5;
}
